"""Spells out on a page the acts that a declaration or a receipt cites in short."""

from django import template

from datamap.catalogue import cited

register = template.Library()
register.filter("cited", cited)
