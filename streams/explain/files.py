"""The answer from event files: one entity's events alone, by the worker's own engine."""

from collections.abc import Iterable, Iterator, Sequence

from schemas.encoding import as_json
from schemas.parameters import CONTROL_ACCOUNT
from streams.decoding import decode
from streams.decoding.times import EARLIEST
from streams.definitions.model import Definitions, Owner
from streams.engine.entities import Entity
from streams.engine.standing import Explainer, Standing, take_parameters, take_told
from streams.errors import Rejected
from streams.evaluator import Evaluator
from streams.explain.answer import Answer, answer
from streams.explain.history import add_history
from streams.files import TOPIC, EventFiles, Line


class FileSource:
    """Reads files for one entity.

    Twice over: once as a worker would, for what is told, and once forgetting nothing, so that all
    can be explained, however long ago it was.

    Args:
        definitions: what to look for.
        files: what to read.
        owners: the accounts and users that may be meant.
        at: events after it are passed over, and time stops there; ``None``: at the newest event.
    """

    def __init__(
        self, definitions: Definitions, files: EventFiles, owners: Iterable[Owner], at: int | None
    ) -> None:
        self._files = files
        self._roots = {_root(owner) for owner in owners}
        self._at = at
        self._newest = EARLIEST
        self._teller = Explainer(definitions)
        self._keeper = Explainer(definitions, remembers_all=True)
        self._telling, self._keeping = _evaluator(self._teller), _evaluator(self._keeper)
        self.read = 0
        self.dead = 0

    def run(self) -> Iterator[int]:
        """Read everything; yields how many events were read so far.

        Raises:
            UsageError: a file cannot be read on.
        """
        for lines in self._files:
            wanted = [line for line in lines if self._is_wanted(line)]
            for evaluator in (self._telling, self._keeping):
                evaluator.apply(wanted)
            self.read += len(lines)
            yield self.read
        for evaluator in (self._telling, self._keeping):
            evaluator.finish(self.at)

    @property
    def at(self) -> int:
        """When time stopped."""
        return self._newest if self._at is None else self._at

    def _is_wanted(self, line: Line) -> bool:
        try:
            event = decode(line.value, (), line.timestamp, TOPIC, 0, line.offset)
        except Rejected:
            self.dead += 1
            return False
        if self._at is not None and event.time > self._at:
            return False
        if event.account_id == CONTROL_ACCOUNT:
            return True
        self._newest = max(self._newest, event.time)
        return _root((event.account_id, event.user_id)) in self._roots

    def knows(self, owner: Owner) -> bool:
        """Whether any event named it."""
        data = self._telling.state_of(*owner)
        return data is not None and self._teller.read(data, *owner) is not None

    def standing(self, owner: Owner, name: str) -> Standing:
        """How one that is known stands with a milestone of its kind."""
        return self._keeper.standing(self._entity(owner), name, self.at)

    def _entity(self, owner: Owner) -> Entity:
        told = self._teller.read(self._telling.state_of(*owner) or b"", *owner)
        kept = self._keeper.read(self._keeping.state_of(*owner) or b"", *owner)
        assert told is not None  # noqa: S101 - for the type checker: it is known
        assert kept is not None  # noqa: S101 - likewise
        take_told(kept, told)
        engine = self._keeper.engine
        plan = engine.accounts if owner[1] is None else engine.users
        take_parameters(kept, told, plan, self._keeping.parameters)
        return kept

    def answer(self, owner: Owner, names: Sequence[str], health: Sequence[str] = ()) -> Answer:
        """How one that is known stands with what is of its kind, and what was told of it."""
        entity = self._entity(owner)
        found = answer(
            self._keeper, entity, *owner, names=names, health=health, at=self.at, history={}
        )  # fmt: skip
        staged = self._telling.staged
        published = [
            as_json(one)
            for one in (*staged.qualifications, *staged.shadows)
            if (one.account_id, one.user_id) == owner
        ]
        add_history(found, published)
        return found


def _root(owner: Owner) -> Owner:
    account_id, user_id = owner
    return (account_id, None) if account_id is not None else (None, user_id)


def _evaluator(explainer: Explainer) -> Evaluator:
    return Evaluator(
        explainer.engine,
        topic=TOPIC,
        partition=0,
        load_account=_nothing,
        load_user=_nothing,
        records_tell_time=False,
    )


def _nothing(_key: bytes) -> bytes | None:
    return None
