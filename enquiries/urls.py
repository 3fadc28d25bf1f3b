"""Addresses of enquiries. Links in letters lead here for as long as the enquiry is kept: none may change."""

from django.urls import path

from enquiries import views

app_name = "enquiries"

urlpatterns = [
    path("", views.contact, name="contact"),
    path("sent/", views.sent, name="sent"),
    path("mine/", views.own_list, name="own-list"),
    path("mine/<uuid:pk>/", views.own, name="own"),
    path("e/<slug:secret>/", views.by_link, name="by-link"),
]
