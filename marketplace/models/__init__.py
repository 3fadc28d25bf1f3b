"""The tables of the marketplace."""

from marketplace.models.comments import Comment, CommentNotice, CommentTrace
from marketplace.models.feedback import Feedback, Standing
from marketplace.models.handles import Handle, TakenHandle
from marketplace.models.listings import Listing
from marketplace.models.messages import Conversation, Message, Participant
from marketplace.models.orders import Order, Party
from marketplace.models.photos import GoneFile, ListingPhoto
from marketplace.models.placements import Placement
from marketplace.models.reports import Removal, Report, ReportedText

__all__ = [
    "Comment",
    "CommentNotice",
    "CommentTrace",
    "Conversation",
    "Feedback",
    "GoneFile",
    "Handle",
    "Listing",
    "ListingPhoto",
    "Message",
    "Order",
    "Participant",
    "Party",
    "Placement",
    "Removal",
    "Report",
    "ReportedText",
    "Standing",
    "TakenHandle",
]
