"""Migration operations for ledgers and for the site's role, usable in the migrations of any app."""

from django.conf import settings
from django.db import router
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from audit import roles, triggers


def _is_here(app_label: str, schema_editor: BaseDatabaseSchemaEditor) -> bool:
    """False in a database that holds tables of other apps only: what is protected here is not there."""
    return bool(router.allow_migrate(schema_editor.connection.alias, app_label))


class AppendOnly(Operation):
    """Make a table refuse UPDATE, DELETE and TRUNCATE, from its owner too. Depend on the first migration of `audit`.

    With a `term` such as `3 years` rows that are older by their `at` can be forgotten (`audit.purging`), no others.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, table: str, term: str = "") -> None:
        self.table = table
        self.term = term

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The models do not change."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        if _is_here(app_label, schema_editor):
            for statement in triggers.create_triggers(schema_editor.quote_name(self.table), self.term):
                schema_editor.execute(statement)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        if _is_here(app_label, schema_editor):
            for statement in triggers.drop_triggers(schema_editor.quote_name(self.table)):
                schema_editor.execute(statement)

    def describe(self) -> str:
        return f"Makes {self.table} append-only"


class MayFade(Operation):
    """Let the rows of an append-only table lose their content when their `at` is older than `term`, such as `3 years`,
    but never their hashes (`audit.fading`). `text` and `json` name
    all columns of its content.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, table: str, term: str, *, text: tuple[str, ...], json: tuple[str, ...] = ()) -> None:
        self.table = table
        self.term = term
        self.text = text
        self.json = json

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The models do not change."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        if _is_here(app_label, schema_editor):
            for statement in self.statements(schema_editor):
                schema_editor.execute(statement)

    def statements(self, schema_editor: BaseDatabaseSchemaEditor) -> tuple[str, ...]:
        """What is run forwards."""
        quote = schema_editor.quote_name
        return triggers.fading_trigger(quote(self.table), self.term, self.columns(schema_editor))

    def columns(self, schema_editor: BaseDatabaseSchemaEditor) -> dict[str, str]:
        """The columns of the content, quoted, each with the literal that stands for empty."""
        quote = schema_editor.quote_name
        return {quote(name): "''" for name in self.text} | {quote(name): "'{}'::jsonb" for name in self.json}

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        if _is_here(app_label, schema_editor):
            for statement in triggers.refusing_trigger(schema_editor.quote_name(self.table)):
                schema_editor.execute(statement)

    def describe(self) -> str:
        return f"Lets old rows of {self.table} lose their content"


class SealedInBatches(MayFade):
    """Let the rows of an append-only table of leaves get the number of the newest seal of their ledger, once
    (`audit.sealing`), and lose their content after `term` as `MayFade` says. Takes the place of `MayFade`.
    """

    def __init__(self, table: str, term: str, *, label: str, text: tuple[str, ...], json: tuple[str, ...] = ()) -> None:
        super().__init__(table, term, text=text, json=json)
        self.label = label

    def statements(self, schema_editor: BaseDatabaseSchemaEditor) -> tuple[str, ...]:
        quote = schema_editor.quote_name
        return triggers.leaf_triggers(quote(self.table), self.label, self.term, self.columns(schema_editor))

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        if _is_here(app_label, schema_editor):
            table = schema_editor.quote_name(self.table)
            schema_editor.execute(f"DROP TRIGGER {triggers.UNSEALED_TRIGGER} ON {table}")
        super().database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Lets rows of {self.table} be sealed in batches"


class NoLongerFades(Operation):
    """Take back what `MayFade` allowed, where its columns are about to change."""

    reversible = True
    reduces_to_sql = True

    def __init__(self, fading: MayFade) -> None:
        self.fading = fading

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The models do not change."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        self.fading.database_backwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        self.fading.database_forwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Keeps the content of {self.fading.table}"


class CreateSiteRole(Operation):
    """Create the role that the site, the worker and beat belong to, where it is missing, and let it see the schema."""

    reversible = True
    reduces_to_sql = False

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The models do not change."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        roles.create_site_role(using=schema_editor.connection.alias)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """The role stays: it belongs to the server, and other databases may use it."""

    def describe(self) -> str:
        return f"Creates the role {settings.DATABASE_SITE_ROLE} where it is missing"
