"""The SQL by which a table refuses every change but an insert (Art. 5(2), 32)."""

from typing import Final

FUNCTION: Final = "audit_refuse_change"
ROW_TRIGGER: Final = "audit_append_only"
TRUNCATE_TRIGGER: Final = "audit_no_truncate"

DELETE_TRIGGER: Final = "audit_no_delete"
FORGET: Final = "audit_forget"
FADE: Final = "audit_fade"

CREATE_FUNCTION: Final = f"""
CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The ledger % is append-only: % is refused.', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege';
END
$$
"""
DROP_FUNCTION: Final = f"DROP FUNCTION {FUNCTION}()"


# Lets the site, which may not delete, drop the oldest rows of a ledger. Which rows are old enough the ledger's own
# trigger decides: it refuses every younger one, and every row of a ledger without a term. It runs with the owner's
# rights, so only a table counts that the owner guards: on a table of its own the site could hang triggers of its own.
CREATE_FORGET: Final = f"""
CREATE OR REPLACE FUNCTION {FORGET}(ledger text, up_to bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    target regclass;
    forgotten bigint;
BEGIN
    SELECT c.oid::regclass INTO target
    FROM pg_class c JOIN pg_trigger t ON t.tgrelid = c.oid JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE c.relname = ledger AND pg_get_userbyid(c.relowner) = current_user AND t.tgname = '{DELETE_TRIGGER}'
      AND p.proname = '{FUNCTION}' AND p.proowner = c.relowner AND p.pronamespace = c.relnamespace;
    IF target IS NULL THEN
        RAISE EXCEPTION '% is no ledger.', ledger USING ERRCODE = 'insufficient_privilege';
    END IF;
    EXECUTE format('DELETE FROM %s WHERE id <= $1', target) USING up_to;
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END
$$;
REVOKE ALL ON FUNCTION {FORGET}(text, bigint) FROM PUBLIC
"""  # noqa: S608 - names of ours; the table comes out of the catalogue, quoted
DROP_FORGET: Final = f"DROP FUNCTION {FORGET}(text, bigint)"


# Lets the site blank the content of rows out of the middle of a ledger, whose hashes then go on proving the order. What
# may be blanked, and how, the ledger's own trigger decides; a ledger whose trigger knows no such thing refuses.
CREATE_FADE: Final = f"""
CREATE OR REPLACE FUNCTION {FADE}(ledger text, ids bigint[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    target regclass;
    blanks text;
    faded bigint;
BEGIN
    SELECT c.oid::regclass INTO target
    FROM pg_class c JOIN pg_trigger t ON t.tgrelid = c.oid JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE c.relname = ledger AND pg_get_userbyid(c.relowner) = current_user AND t.tgname = '{ROW_TRIGGER}'
      AND p.proname = '{FUNCTION}' AND p.proowner = c.relowner AND p.pronamespace = c.relnamespace;
    IF target IS NULL THEN
        RAISE EXCEPTION '% is no ledger.', ledger USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT string_agg(format('%I = %L', attname, CASE WHEN atttypid = 'jsonb'::regtype THEN '{{}}' ELSE '' END), ', ')
    INTO blanks FROM pg_attribute
    WHERE attrelid = target AND attnum > 0 AND NOT attisdropped
      AND attname NOT IN ('id', 'at', 'commitment', 'previous_hash', 'row_hash');
    EXECUTE format('UPDATE %s SET %s WHERE id = ANY ($1)', target, blanks) USING ids;
    GET DIAGNOSTICS faded = ROW_COUNT;
    RETURN faded;
END
$$;
REVOKE ALL ON FUNCTION {FADE}(text, bigint[]) FROM PUBLIC
"""  # noqa: S608 - names of ours; table and columns come out of the catalogue, quoted
DROP_FADE: Final = f"DROP FUNCTION {FADE}(text, bigint[])"


def fading_trigger(table: str, term: str, columns: dict[str, str]) -> tuple[str, ...]:
    """Replace the trigger that refuses updates by one that lets rows older than the term lose their content and salt,
    all at once and for good; `columns` are the quoted content columns, each with the literal that stands for empty.
    """
    kept = [f"NEW.{name} = OLD.{name}" for name in ("id", "at", "commitment", "previous_hash", "row_hash")]
    empty = [f"NEW.{name} = {literal}" for name, literal in {"salt": "''::bytea", **columns}.items()]
    fades = " AND ".join([f"OLD.at <= now() - interval '{term}'", *kept, *empty])
    unless = f"FOR EACH ROW WHEN (NOT ({fades})) EXECUTE FUNCTION {FUNCTION}()"
    return (
        f"DROP TRIGGER {ROW_TRIGGER} ON {table}",
        f"CREATE TRIGGER {ROW_TRIGGER} BEFORE UPDATE ON {table} {unless}",
    )


def refusing_trigger(table: str) -> tuple[str, ...]:
    """The way back: no update at all."""
    return (
        f"DROP TRIGGER {ROW_TRIGGER} ON {table}",
        f"CREATE TRIGGER {ROW_TRIGGER} BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {FUNCTION}()",
    )


def create_triggers(table: str, term: str = "") -> tuple[str, ...]:
    """The statements for one table; `table` is quoted already. Row triggers reach the partitions of a table too.

    With a `term` (an interval of PostgreSQL) rows whose `at` is older may be deleted.
    """
    young = f"WHEN (OLD.at > now() - interval '{term}') " if term else ""
    refuse = f"EXECUTE FUNCTION {FUNCTION}()"
    return (
        f"CREATE TRIGGER {ROW_TRIGGER} BEFORE UPDATE ON {table} FOR EACH ROW {refuse}",
        f"CREATE TRIGGER {DELETE_TRIGGER} BEFORE DELETE ON {table} FOR EACH ROW {young}{refuse}",
        f"CREATE TRIGGER {TRUNCATE_TRIGGER} BEFORE TRUNCATE ON {table} {refuse}",
    )


def drop_triggers(table: str) -> tuple[str, ...]:
    """The way back."""
    return tuple(f"DROP TRIGGER {name} ON {table}" for name in (ROW_TRIGGER, DELETE_TRIGGER, TRUNCATE_TRIGGER))
