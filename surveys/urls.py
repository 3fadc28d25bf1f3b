"""Addresses of surveys, promotions and draws. Links in letters lead here until a survey's answers are gone."""

from django.urls import path

from surveys import views

app_name = "surveys"

urlpatterns = [
    path("", views.index, name="index"),
    path("<slug:slug>/", views.page, name="page"),
    path("<slug:slug>/asked/", views.said, {"what": "asked"}, name="asked"),
    path("<slug:slug>/thanks/", views.said, {"what": "thanks"}, name="thanks"),
    path("<slug:slug>/gone/", views.said, {"what": "gone"}, name="gone"),
    path("<slug:slug>/take-back/", views.take_back, name="take-back"),
    path("<slug:slug>/by/<slug:secret>/", views.page_by_link, name="by-link"),
    path("<slug:slug>/by/<slug:secret>/take-back/", views.take_back_by_link, name="take-back-by-link"),
]
