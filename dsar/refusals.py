"""What a request can be refused with at once: one exception for each, with the sentence for the person."""

from django.utils.translation import gettext_lazy as _

from datamap.terms import Text
from dsar.terms import CautionCause


class CaseError(Exception):
    """Nothing happened; `message` says why in the person's language."""

    message: Text = ""

    def __str__(self) -> str:
        return str(self.message)


class WrongStage(CaseError):
    """The table of moves has no such move, or somebody else was faster."""

    message = _("This is not possible any more at the stage which the request has reached.")


class ClosedRequest(WrongStage):
    """The file of a closed request stays as it is; a message would be read by nobody."""

    message = _(
        "This request is closed, and its file stays as it is. File a new request: the same right again, or “general”"
        " for a question about this one, with its number in the text."
    )


class AlreadyUnderWay(CaseError):
    """The same person's same request is being worked on; `number` is its case."""

    message = _("This request is already being worked on. You will hear from us; there is no need to ask twice.")

    def __init__(self, number: str = "") -> None:
        super().__init__(number)
        self.number = number


class CopyUnderWay(CaseError):
    """Access comes first: what is being copied for the person is not erased under her hands (Q18.3)."""

    message = _("The copy of your data is still being put together. Please wait for it, it takes only a moment.")


class CopyNotFetched(CaseError):
    """A copy lies ready that the person has neither downloaded nor given up (clauses.md 2.5)."""

    message = _("The copy you asked for is ready. Download it first, or tick that you do not need it.")


class NoDownloadLeft(CaseError):
    """All downloads are used, the 14 days are over, or there is no copy."""

    message = _("This copy can no longer be downloaded. You can ask for a new one at any time, free of charge.")


class SamePerson(CaseError):
    """What one person proposes needs a second pair of eyes (clauses.md 2.5)."""

    message = _("A refusal must be approved by someone other than the person who proposed it.")


class SamePersonOverrules(SamePerson):
    """So do compelling grounds against an objection (Art. 21(1))."""

    message = _("Compelling grounds must be approved by someone other than the person who proposed them.")


class SamePersonLeads(SamePerson):
    """So does the account that a request from a foreign address is about (security G4)."""

    message = _("The account must be found by someone other than the person who proposed it.")


class SamePersonHandsOver(SamePerson):
    """So does a copy that goes to a representative (security G4)."""

    message = _("Somebody other than the person who checked the authority must allow this.")


class SamePersonErases(SamePerson):
    """So does an erasure by staff (security G4)."""

    message = _("An erasure must be approved by someone other than the person who proposed it.")


class GroundDoesNotFit(CaseError):
    """A ground of refusal that the GDPR does not know for this right, or that the record of the case contradicts."""

    message = _("This ground does not fit the request.")


class ReasonMissing(CaseError):
    """Each step of staff says why."""

    message = _("Please write down why.")


class TooLate(CaseError):
    """A notice of extension after the first due date, or of a right that takes effect at once (clauses.md C5)."""

    message = _("The time for an extension is over, or this right allows none: it would have no effect.")


class ArrivesLater(CaseError):
    """A day of arrival that is still to come."""

    message = _("A message cannot have arrived in the future. Please check day and time.")


class IdentityAlreadyShown(CaseError):
    """Who was logged in has shown who he is: asking for more would be more than is needed (clauses.md D7)."""

    message = _("This person was logged in. No further proof of identity may be asked for.")


class NoRepresentative(CaseError):
    """There is nobody whose authority waits to be checked."""

    message = _("No representative of this request waits for a check.")


class AuthorityUnchecked(CaseError):
    """Nothing is given to a representative whose authority nobody checked (security I11)."""

    message = _("The authority of the representative has not been checked yet.")


class TooManyAttempts(CaseError):
    """A network or an address has used up its attempts; nothing about any person is said by that (security I4)."""

    message = _("That was too often in a short time. What you have filed already is kept and goes on.")


class WaitsForSafety(CaseError):
    """Somebody else may be asking; the addresses of the account were told and can stop this (security I7)."""

    message: Text = _(
        "The address, telephone or password of this account was changed in the last seven days. So we wait 72 hours"
        " before we hand anything out or erase anything, and have told every older address. Please come back then."
    )
    foreign = _(
        "This request came from an address that is not the account's. So we wait 72 hours before we hand anything out"
        " or erase anything, and have told every address of the account. Please come back then."
    )

    def __init__(self, cause: CautionCause = CautionCause.CHANGED) -> None:
        super().__init__(cause)
        if cause is CautionCause.FOREIGN:
            self.message = self.foreign


class StoppedFromOlderAddress(CaseError):
    """Whoever reads the mail of another address did not want this; staff must look into it (security I7)."""

    message = _(
        "Somebody who reads the mail at another address of this account has stopped this."
        " Nothing was handed out or erased. Please write to us; a person will look into it."
    )


class StaffJudgeFirst(CaseError):
    """Nothing runs by itself for somebody who is represented (security I11)."""

    message = _(
        "You act for somebody else, so a person on our side looks at this request first. You will hear from us."
    )


class NotDoneYet(CaseError):
    """An answer says that it was done: what was not done is refused, by two (Art. 12(3), 12(4); security G4)."""

    message = _("Nothing was done yet of what was asked for. Carry it out first, or propose a refusal.")


class ShownBefore(CaseError):
    """Who has shown who she is cannot be turned away for not showing it (Art. 12(2))."""

    message = _("It was shown before whose request this is. Go on with that, or propose a refusal.")


class ErasedAlready(CaseError):
    """An erasure that was carried out is over; what the person writes now is a new request."""

    message = _("This erasure was carried out. Enter what the person writes now as a new request.")


class ProposalChanged(CaseError):
    """The second person agrees to what was shown to him, and to nothing else (security G4)."""

    message = _("The proposal is another one by now. Please open the page again and read it.")


class NotByMail(CaseError):
    """A mailbox that the account has not confirmed erases nothing (security D6, G4)."""

    message = _(
        "This request came from an address that is not the account's, so no code to that address erases anything."
        " Log in and delete the account there, or wait: two of our staff look at this request."
    )


class AlreadyProposed(CaseError):
    """What waits for a second person is not changed under his hands (security G4)."""

    message = _("Something is proposed already and waits for a second person. First it must be agreed to or returned.")


class AnotherAccount(CaseError):
    """The second person came to another account than the first."""

    message = _("This is not the account that was proposed. Please look again, or record your doubt.")


class NoGrounds(CaseError):
    """An objection is overruled on compelling grounds only, written down (Art. 21(1))."""

    message = _("Please write down the compelling grounds first.")


class CannotBeCorrected(CaseError):
    """The value is not the person's, or what should stand there does not fit."""

    message: Text = _("This value cannot be corrected here.")

    def __init__(self, why: Text = "") -> None:
        super().__init__(why)
        if why:
            self.message = why


class RecipientsOpen(CaseError):
    """Somebody who received the data has not been told yet, or has not answered (Art. 19)."""

    message = _("First record what came of every notice to those who received the data.")


class ReopenFirst(CaseError):
    """A recipient took back what the request had closed with (Art. 19)."""

    message = _("With this outcome the request cannot stay closed. Reopen it first, and record it then.")


class OwnRequest(CaseError):
    """Nobody of the staff handles a request of his own (security G4)."""

    message = _("This is a request of your own. Please leave it to a colleague.")


class ConflictOfInterest(CaseError):
    """Nobody handles a complaint about himself (policy clause 16)."""

    message = _("This complaint is about you. Please leave it to a colleague.")


class DocumentTooEarly(CaseError):
    """An identity document is the last step, after another check left a doubt (clauses.md D8)."""

    message = _("A document is the last step: first try another way, and record what remained in doubt.")


class DocumentAskedAlready(CaseError):
    """One asking for an identity document at a time."""

    message = _("An identity document was asked for already. First record what came of it.")


class NoDocumentAsked(CaseError):
    """No identity document is taken that nobody asked for with a recorded reason (security I9)."""

    message = _("No such document was asked for in this request. Please send none.")


class TooManyFiles(CaseError):
    """More files than one request takes."""

    message = _(
        "These are too many files: at most five at once. Nothing was taken. Please choose the ones that matter."
    )


class FileTooLarge(CaseError):
    """A file that is larger than we take."""

    message = _("A file may have at most 10 MB. Nothing was taken. Please make it smaller, or send it in parts.")


class NotReadable(CaseError):
    """A file that is no PDF and no picture by its content, whatever its name says."""

    message = _("We take PDF, JPEG and PNG files, by what is in them and not by their name. Nothing was taken.")


class FileGone(CaseError):
    """A file that was destroyed, or whose check is over."""

    message = _("This file was destroyed, or may no longer be opened.")


class NoSuchAccount(CaseError):
    """The address that staff looked up is confirmed for no account."""

    message = _("No account has this confirmed address. Please check it letter by letter.")


class ActMissing(CaseError):
    """A refusal that rests on another law names it."""

    message = _("Please name the act and its section.")


class NotAComplaint(CaseError):
    """Only a complaint is about a member of the staff."""

    message = _("Only a complaint can be about a member of the staff.")


class WorkHasBegun(CaseError):
    """A fee is announced before the work, or not at all (Art. 12(5))."""

    message = _("Work on this request has begun: a fee can only be announced before that.")


class NobodyToErase(CaseError):
    """No account and no confirmed address was shown for this request."""

    message = _("It has not been shown whose data are to be erased.")


class AccessComesFirst(CaseError):
    """The copy that the same person asked for goes before her erasure (clauses.md 2.5)."""

    message = _("The same person has asked for a copy of her data that she has not got yet. That comes first.")


class NothingToTurnInto(CaseError):
    """Only a message that nobody has put in order yet is turned into requests (Q19.3)."""

    message = _("Choose at least one right; only a message not yet put in order can be turned into requests.")


class NotEveryBlankFilled(CaseError):
    """A text with an open blank promises what nobody has checked."""

    message = _("The text still has blanks in double square brackets. Please fill them in or take them out.")


class KeyUsedOtherwise(CaseError):
    """A message that names itself by a key which another message came with (RFC draft: Idempotency-Key)."""

    message = _("Another message came with this key before. Nothing was filed; please send it with a new key.")
