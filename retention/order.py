"""In which order tables give up rows: what refers comes before what is referred to."""

from collections.abc import Iterable
from graphlib import TopologicalSorter

from django.db import models

from datamap.declarations import Holding
from datamap.registry import model_of


def children_first(holdings: Iterable[Holding]) -> list[Holding]:
    """The holdings so that a table stands before every table its foreign keys point to, and behind those it names.

    Keys that become null with their target put no order on anything: they are the ones that close circles.
    """
    by_model = {model_of(holding): holding for holding in holdings}
    by_label = {holding.model: model for model, holding in by_model.items()}
    graph: TopologicalSorter[type[models.Model]] = TopologicalSorter({model: set() for model in by_model})
    for model, holding in by_model.items():
        if first := by_label.get(holding.swept_after):
            graph.add(model, first)
        for target in _targets(model):
            if target in by_model and target is not model:
                graph.add(target, model)
    return [by_model[model] for model in graph.static_order()]


def _targets(model: type[models.Model]) -> Iterable[type[models.Model]]:
    for field in model._meta.concrete_fields:
        if isinstance(field, models.ForeignKey) and field.remote_field.on_delete is not models.SET_NULL:
            yield field.related_model
