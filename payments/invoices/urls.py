"""The addresses of somebody's invoices, below `payments/`."""

from django.urls import path

from payments.invoices import views

urlpatterns = [
    path("invoices/", views.invoices, name="invoices"),
    path("invoices/<uuid:number>.<str:form>", views.download, name="invoice-file"),
]
