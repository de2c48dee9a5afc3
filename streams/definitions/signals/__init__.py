"""The signals of a score's components: the registry that loading, meaning and schema read.

A signal is from 0 to 1, or, where events fade, how many of them are left.
"""

from collections.abc import Mapping
from typing import Any

from streams.definitions.model import Signal
from streams.definitions.signals.fading import FadingForm, RecencyForm
from streams.definitions.signals.form import SignalForm
from streams.definitions.signals.share import ShareForm
from streams.definitions.signals.while_true import WhileForm

SIGNALS: tuple[SignalForm[Any], ...] = (WhileForm(), ShareForm(), RecencyForm(), FadingForm())
"""Every kind of signal, in the order in which the documentation lists them."""

SIGNS: Mapping[str, SignalForm[Any]] = {sign: form for form in SIGNALS for sign in form.signs}
"""The field that a component has exactly one of, and the signal that it is a sign of."""

_BY_MODEL: Mapping[type, SignalForm[Any]] = {form.model: form for form in SIGNALS}


def signal_form(signal: Signal) -> SignalForm[Any]:
    """The form that a signal has."""
    return _BY_MODEL[type(signal)]
