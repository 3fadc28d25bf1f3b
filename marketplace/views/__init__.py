"""The pages of the marketplace."""

from marketplace.views.comments import comment, delete_comment, dispute_comment, dispute_feedback
from marketplace.views.feedback import feedback
from marketplace.views.finding import feed, listing, listings
from marketplace.views.messages import ask, block, conversation, conversations
from marketplace.views.orders import offer, order, orders, pay
from marketplace.views.people import end_own_page, own_page, person
from marketplace.views.photos import change_photo, large_photo, photos, small_photo
from marketplace.views.placements import pay_placement, place, placement
from marketplace.views.reports import removed, report_conversation, report_listing
from marketplace.views.selling import begin, close_listing, contact, discard_listing, mine, price, what

__all__ = [
    "ask",
    "begin",
    "block",
    "change_photo",
    "close_listing",
    "comment",
    "contact",
    "conversation",
    "conversations",
    "delete_comment",
    "discard_listing",
    "dispute_comment",
    "dispute_feedback",
    "end_own_page",
    "feed",
    "feedback",
    "large_photo",
    "listing",
    "listings",
    "mine",
    "offer",
    "order",
    "orders",
    "own_page",
    "pay",
    "pay_placement",
    "person",
    "photos",
    "place",
    "placement",
    "price",
    "removed",
    "report_conversation",
    "report_listing",
    "small_photo",
    "what",
]
