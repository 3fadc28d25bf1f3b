"""Addresses of the marketplace. The number in an address says nothing of anybody."""

from django.urls import path

from marketplace import views

app_name = "marketplace"

urlpatterns = [
    path("listings/", views.listings, name="listings"),
    path("listings/feed/", views.feed, name="feed"),
    path("listings/new/", views.begin, name="begin"),
    path("listings/mine/", views.mine, name="mine"),
    path("listings/<uuid:number>/", views.listing, name="listing"),
    path("listings/<uuid:number>/what/", views.what, name="what"),
    path("listings/<uuid:number>/photos/", views.photos, name="photos"),
    path("listings/<uuid:number>/photos/<uuid:photo>/", views.change_photo, name="change-photo"),
    path("listings/<uuid:number>/price/", views.price, name="price"),
    path("listings/<uuid:number>/contact/", views.contact, name="contact"),
    path("listings/<uuid:number>/ask/", views.ask, name="ask"),
    path("listings/<uuid:number>/comment/", views.comment, name="comment"),
    path("listings/<uuid:number>/close/", views.close_listing, name="close"),
    path("listings/<uuid:number>/discard/", views.discard_listing, name="discard"),
    path("listings/<uuid:number>/report/", views.report_listing, name="report"),
    path("listings/<uuid:number>/removed/", views.removed, name="removed"),
    path("listings/<uuid:number>/order/", views.offer, name="offer"),
    path("listings/<uuid:number>/place/", views.place, name="place"),
    path("placements/<uuid:number>/", views.placement, name="placement"),
    path("placements/<uuid:number>/pay/", views.pay_placement, name="pay-placement"),
    path("orders/", views.orders, name="orders"),
    path("orders/<uuid:number>/", views.order, name="order"),
    path("orders/<uuid:number>/pay/", views.pay, name="pay"),
    path("comments/<uuid:number>/delete/", views.delete_comment, name="delete-comment"),
    path("comments/<uuid:number>/dispute/", views.dispute_comment, name="dispute-comment"),
    path("feedback/<uuid:number>/dispute/", views.dispute_feedback, name="dispute-feedback"),
    path("orders/<uuid:number>/feedback/", views.feedback, name="feedback"),
    path("messages/", views.conversations, name="conversations"),
    path("messages/<uuid:number>/", views.conversation, name="conversation"),
    path("messages/<uuid:number>/block/", views.block, name="block"),
    path("people/mine/", views.own_page, name="own-page"),
    path("people/mine/end/", views.end_own_page, name="end-own-page"),
    path("people/<slug:handle>/", views.person, name="person"),
    path("messages/<uuid:number>/report/", views.report_conversation, name="report-conversation"),
    path("media/listings/<uuid:photo>.webp", views.large_photo, name="large-photo"),
    path("media/listings/<uuid:photo>-small.webp", views.small_photo, name="small-photo"),
]
