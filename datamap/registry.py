"""Finds every `privacy.py`, the way Django finds `admin.py`, and answers questions about the declarations."""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.module_loading import module_has_submodule

from datamap.declarations import Holding, NotPersonal, Store


@dataclass(frozen=True, slots=True)
class Registry:
    """All declarations of all installed apps, in the order of INSTALLED_APPS."""

    holdings: tuple[Holding, ...]
    not_personal: tuple[NotPersonal, ...]
    stores: tuple[Store, ...]
    sealed_files: tuple[str, ...]
    gatekeepers: tuple[str, ...]
    subject_keys: tuple[str, ...]
    withdrawers: tuple[str, ...]
    objectors: tuple[str, ...]
    enders: tuple[str, ...]
    keepers: tuple[str, ...]
    concealers: tuple[str, ...]
    child_handlers: tuple[str, ...]
    erasure_witnesses: tuple[str, ...]
    case_checks: tuple[str, ...]
    contract_keepers: tuple[str, ...]
    disclosers: tuple[str, ...]
    mail_readers: tuple[str, ...]
    bounce_readers: tuple[str, ...]
    receipt_readers: tuple[str, ...]
    request_takers: tuple[str, ...]
    activities: tuple[str, ...]
    apps_with_privacy: frozenset[str]

    def holding(self, model: type[models.Model] | str) -> Holding:
        """The declaration of this model; KeyError where there is none."""
        label = model if isinstance(model, str) else model._meta.label
        for item in self.holdings:
            if item.model.lower() == label.lower():
                return item
        raise KeyError(label)


@cache
def registry() -> Registry:
    """The declarations, read once after the apps are ready.

    An import error inside a `privacy.py` is raised, never passed over.
    """
    modules = {
        config.label: import_module(f"{config.name}.privacy")
        for config in apps.get_app_configs()
        if config.module is not None and module_has_submodule(config.module, "privacy")
    }

    def collect(name: str) -> tuple[Any, ...]:
        return tuple(item for module in modules.values() for item in getattr(module, name, ()))

    return Registry(
        holdings=collect("HOLDINGS"),
        not_personal=collect("NOT_PERSONAL"),
        stores=collect("STORES"),
        sealed_files=collect("SEALED_FILES"),
        gatekeepers=collect("GATEKEEPERS"),
        subject_keys=collect("SUBJECT_KEYS"),
        withdrawers=collect("WITHDRAWERS"),
        objectors=collect("OBJECTORS"),
        enders=collect("ENDERS"),
        keepers=collect("KEEPERS"),
        concealers=collect("CONCEALERS"),
        child_handlers=collect("CHILD_HANDLERS"),
        erasure_witnesses=collect("ERASURE_WITNESSES"),
        case_checks=collect("CASE_CHECKS"),
        contract_keepers=collect("CONTRACT_KEEPERS"),
        disclosers=collect("DISCLOSERS"),
        mail_readers=collect("MAIL_READERS"),
        bounce_readers=collect("BOUNCE_READERS"),
        receipt_readers=collect("RECEIPT_READERS"),
        request_takers=collect("REQUEST_TAKERS"),
        activities=collect("ACTIVITIES"),
        apps_with_privacy=frozenset(modules),
    )


def model_of(holding: Holding) -> type[models.Model]:
    """The model that a declaration speaks of; LookupError where it is not installed."""
    return apps.get_model(holding.model)


def tables() -> list[type[models.Model]]:
    """Every installed model with a table of its own, automatic many-to-many tables included."""
    return [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]
