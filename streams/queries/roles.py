"""Roles as parameters of queries: what a definitions file says means what KPIs ask for."""

from collections.abc import Mapping

from streams.definitions.model import Definitions
from streams.definitions.roles import ROLES, stand_in

Parameters = Mapping[str, str | list[str]]


def role_parameters(definitions: Definitions) -> Parameters:
    """Parameters for every role, also for those that the file does not have.

    Of ``activated``, for example:

    * ``activated_facts`` (``Array(String)``): under which names of roles ``facts`` has it. It is
      the role's own, that of the role that stands in for it, or none where no event plays it.
    * ``activated_milestones`` (``Array(String)``): the milestones that play it, in their order.
    * ``activated_leads`` (``Array(String)``): the lead that plays it.
    * ``activated_of`` (``String``): ``account`` or ``user``, whose these milestones or this lead
      are; empty where there are none, or some of both.
    * ``activated_trait`` (``String``): the trait that plays it, or empty.

    And ``segments`` with ``benchmarks``, two arrays of the same length: for each segment of
    accounts that says so whose published figures it is compared with.
    """
    parameters: dict[str, str | list[str]] = {}
    for name in ROLES:
        parameters |= _of_role(name, definitions)
    compared = [
        (segment.name, segment.benchmark)
        for segment in definitions.segments.values()
        if segment.of == "account" and segment.benchmark is not None
    ]
    parameters["segments"] = [name for name, _ in compared]
    parameters["benchmarks"] = [benchmark for _, benchmark in compared]
    return parameters


def _of_role(name: str, definitions: Definitions) -> dict[str, str | list[str]]:
    found = stand_in(name, definitions.roles)
    role = None if found is None else definitions.roles[found]
    milestones = [] if role is None else list(role.milestones)
    leads = [] if role is None or role.lead is None else [role.lead]
    kinds = {definitions.milestones[each].of for each in milestones}
    kinds |= {definitions.leads[each].of for each in leads}
    return {
        f"{name}_facts": [] if role is None or role.event is None else [role.name],
        f"{name}_milestones": milestones,
        f"{name}_leads": leads,
        f"{name}_of": kinds.pop() if len(kinds) == 1 else "",
        f"{name}_trait": "" if role is None or role.trait is None else role.trait,
    }
