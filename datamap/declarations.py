"""What a `privacy.py` is written with: one `Holding` for each table that speaks of people."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from datamap.terms import (
    DELETE,
    DISCLOSE,
    Category,
    Erasure,
    LawfulBasis,
    OnAccess,
    OnErasure,
    RecipientRole,
    Safeguard,
    Source,
    Text,
    Use,
)


@dataclass(frozen=True, slots=True)
class Personal:
    """One field with personal data and its two verdicts. `note` says what free text or JSON may contain.

    `archive` puts the field into the sealed archive of a deleted account (policy clause 10). `words` is the dotted path
    of what its codes are called: a mapping, or a function that gives one. `spoken` is that of `(str) -> str`, which
    says a stored sentence in the language of whoever reads the copy.
    """

    category: Category
    on_access: OnAccess = DISCLOSE
    on_erasure: OnErasure = DELETE
    label: Text = ""
    note: str = ""
    archive: bool = False
    words: str = ""
    spoken: str = ""


@dataclass(frozen=True, slots=True)
class Unpublished:
    """Rows that nobody else ever saw, among rows that stay without their author: an erasure deletes them whole.

    `where` holds lookups of the table's fields, `label` is what the plan, the receipt and the notice call these rows.
    With a `period`, counted from `clock`, time ends them sooner than the others.
    """

    where: Mapping[str, str | bool | tuple[str, ...]]
    label: Text
    period: str = ""
    clock: str = ""


@dataclass(frozen=True, slots=True)
class Via:
    """A way to a person that needs a translation: `by` is the dotted path of a function that turns the set of known
    keys into the set of values that `path` holds (for example addresses into keyed tokens).

    Where the values mean something only together with another field, `beside` names it, and `by` gives a mapping: value
    of that field -> values of `path`."""

    path: str
    by: str
    beside: str = ""


Way = str | Via
"""How a row leads to a person: a lookup path, or one with a translation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """What the rows of a table tell of when, how and why data were used, for the time line of the person.

    `says` is a sentence with the names of fields in it (`of`), each told in the words of the copy; `at` the field with
    the moment, rows without one are not told; `because` a field with the reason, where it is empty the purpose stands.
    `where` holds lookups of the table's fields.
    """

    use: Use
    at: str
    says: Text
    of: tuple[str, ...] = ()
    because: str = ""
    where: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One table that speaks of people, with everything the law asks about it.

    model        label of the model, `app.Model`
    label        what a person reads in the notice, the copy and the receipt
    about        how a row leads to a person: `SubjectKey` value -> lookup path, or `Via`, or several of them
    purposes     codes of the catalogue; basis; act (for a legal obligation); source (Art. 15(1)(g))
    period       code of the catalogue; `clock` the field it counts from, or `ends` a field that holds the end
    personal     field -> `Personal`; `neutral` all other fields
    recipients   codes of the catalogue: who receives these data
    purge_with   dotted path `(holding, *, now) -> SweepCounts` for a table that is not purged row by row
    late_with    dotted path `(holding, *, now) -> bool`: whether a purge would take anything, where counting costs more
    files_with   dotted path `(rows) -> Iterator[HeldFile]`: files of these rows that a copy must hold too
    swept_after  label of a table that gives up its rows first, where no foreign key says so
    erase_due    dotted path `(*, now) -> QuerySet` of accounts that time ends as whole people: all they have goes too
    erase_with   dotted path `(subject, *, now) -> int` for a table whose erasure is more than a statement
    cleans_with  dotted path `(rows) -> None`: takes out of what stays without its author what would still lead to her
    unpublished  rows that go with their author although the others stay
    happenings   what its rows tell in the time line of the person
    looks        staff open its rows one by one, and the trail may know such a look by the number of the row only
    ledger       append-only proof: no foreign key to the user, never changed
    written_by_erasure   an erasure itself adds a row here, so the preview must name it (policy clause 17)
    """

    model: str
    label: Text
    about: Mapping[str, Way | tuple[Way, ...]]
    purposes: tuple[str, ...]
    basis: LawfulBasis
    source: Source
    period: str
    personal: Mapping[str, Personal]
    neutral: frozenset[str] | set[str] = frozenset()
    act: str = ""
    clock: str = ""
    ends: str = ""
    recipients: tuple[str, ...] = ()
    purge_with: str = ""
    late_with: str = ""
    files_with: str = ""
    swept_after: str = ""
    erase_due: str = ""
    erase_with: str = ""
    cleans_with: str = ""
    unpublished: Unpublished | None = None
    happenings: tuple[Happening, ...] = ()
    looks: bool = False
    ledger: bool = False
    written_by_erasure: bool = False
    why: Text = ""

    @property
    def ways(self) -> Iterator[tuple[str, Way]]:
        """Each way to a person with the kind of key at its end."""
        for kind, found in self.about.items():
            for way in found if isinstance(found, tuple) else (found,):
                yield kind, way

    @property
    def erasure(self) -> Erasure:
        """What happens to a row as a whole: deleted, changed (`BLANK`), or kept."""
        verdicts = {item.on_erasure.verdict for item in self.personal.values()}
        if Erasure.DELETE in verdicts:
            return Erasure.DELETE
        return Erasure.BLANK if verdicts & {Erasure.BLANK, Erasure.DETACH} else Erasure.KEEP

    @property
    def kept(self) -> dict[str, OnErasure]:
        """The fields that survive an erasure, with their reasons."""
        return {
            name: item.on_erasure for name, item in self.personal.items() if item.on_erasure.verdict is Erasure.KEEP
        }


@dataclass(frozen=True, slots=True)
class NotPersonal:
    """A table that holds nothing about people, and why that is so."""

    model: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A place that is no table: cache, media, log files, sealed files, the browser.

    `erase_with` is the dotted path of `(subject, *, now) -> int`, empty where the term alone empties it. `purge_with`
    that of `(store, *, now, apply) -> SweepCounts` where the sweeps end the term, and nothing else does; `late_with`
    that of `(store, *, now) -> bool`, whether something is late, where a sweep that only counts costs more.
    `count_with` that of `(subject) -> int`, empty where what belongs to one person cannot be told apart. `oldest_with`
    that of `() -> datetime | None`, from when the oldest of it counts, where something else than the sweeps ends the
    term; `emptied_every` is how often that comes.
    """

    code: str
    label: Text
    holds: Text
    period: str
    purposes: tuple[str, ...]
    erase_with: str = ""
    count_with: str = ""
    purge_with: str = ""
    late_with: str = ""
    oldest_with: str = ""
    emptied_every: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancingTest:
    """The legitimate-interest assessment of a purpose (Art. 6(1)(f)): shown on request, looked at again by
    `review_on`."""

    interest: Text
    necessity: Text
    balance: Text
    decided_on: str
    author: str
    review_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """Why data are processed (Art. 5(1)(b)); `is_marketing` for advertising and the profiling for it (Art. 21(2)).

    `on_request` where only somebody's own request opens it (Art. 6(1)(b), before a contract): a letter for it names the
    request that it answers.
    """

    code: str
    label: Text
    description: Text
    basis: LawfulBasis
    clause: str = ""
    act: str = ""
    balancing: BalancingTest | None = None
    is_marketing: bool = False
    on_request: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """The contract with a processor, point by point as Art. 28(2)-(4) asks.

    starts_on, ends_on   the first day in force, and the last (None: until it is terminated)
    transfer_ends_on     the last day of the transfer mechanism of Art. 46 (None: no end is known)
    review_on            when somebody must look at it again
    file_sha256          of the signed file, empty where none was deposited
    """

    reference: str
    signed_on: date
    starts_on: date
    review_on: date
    instructions: Text
    confidentiality: Text
    measures: Text
    subprocessors: Text
    assistance: Text
    at_end: Text
    audits: Text
    ends_on: date | None = None
    transfer_ends_on: date | None = None
    file_sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JointControllers:
    """An arrangement of Art. 26; `essence` is what every data subject may read of it (Art. 26(2))."""

    code: str
    name: str
    contact: str
    purposes: tuple[str, ...]
    essence: Text
    since: date

    def __post_init__(self) -> None:
        if not str(self.essence).strip():
            raise ValueError(f"The arrangement {self.code} has no essence to show to data subjects (Art. 26(2) GDPR).")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Who receives data (Art. 13(1)(e)-(f)), from which country, under which safeguard.

    `handler` is the dotted path of a class that knows every verb of `datamap.processors.RecipientHandler`. `contract`
    is the one in force when this version of the site was made; the register of processors keeps those that came later.
    """

    code: str
    name: str
    role: RecipientRole
    service: Text
    country: str
    safeguard: Safeguard
    policy_url: str = ""
    contact: str = ""
    handler: str = ""
    contract: Contract | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Controller:
    """The controller (Art. 4(7)) as every notice, answer and receipt names it; `representative` (Art. 27) and `officer`
    (Art. 37) are empty where there is none; `owner` keeps the register and looked through it on `reviewed_on`."""

    name: str
    registration_number: str
    address: str
    email: str
    country: str = "LV"
    representative: Text = ""
    officer: Text = ""
    owner: Text = ""
    reviewed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisoryAuthority:
    """Where a complaint can be lodged (Art. 77)."""

    name: Text
    address: str
    url: str
