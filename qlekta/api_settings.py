"""How the programming interface reads, answers and describes itself; part of the settings."""

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["dsar.api.reading.SessionOfThePerson"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["dsar.api.reading.StrictJson"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "dsar.api.reading.OnlyJson",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "dsar.api.problems.answer_problem",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Qlekta",
    "DESCRIPTION": "Requests of data subjects: file, follow, write, withdraw (Art. 12-22 GDPR).",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "Right": "datamap.terms.Right",
        "Stage": "dsar.terms.Stage",
        "Outcome": "dsar.terms.Outcome",
        "OpenDsrState": [
            ("pending", "pending"),
            ("in_progress", "in_progress"),
            ("completed", "completed"),
            ("cancelled", "cancelled"),
        ],
    },
}
