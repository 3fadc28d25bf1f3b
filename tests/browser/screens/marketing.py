"""The pages of those who write campaigns."""

from typing import Final

from tests.browser.screens.ways import Screen, at, first, sent, then

_LIST: Final = "/admin/newsletters/campaign/"
_PAUSED: Final = first(_LIST, "#result_list tbody tr:has-text('Ziemas') th a")
_DRAFT: Final = first(_LIST, "#result_list tbody tr:has-text('svētkiem') th a")
_IMPORT: Final = f"{_LIST}import/"

CAMPAIGNS: Final = (
    Screen("ads-desk", "The first page of the administration, for advertising", at("/admin/")),
    Screen("ads", "The campaigns", at(_LIST)),
    Screen("ads-one", "A campaign that is paused", _PAUSED, "admin:newsletters_campaign_change"),
    Screen("ads-draft", "A campaign that is written", _DRAFT),
    Screen("ads-new", "Write a campaign", at(f"{_LIST}new/"), "admin:newsletters_campaign_new"),
    Screen("ads-new-error", "A campaign without words", sent(at(f"{_LIST}new/"), button="#content form [type=submit]")),
    Screen("ads-edit", "Change a draft", then(_DRAFT, "a[href$='/edit/']"), "admin:newsletters_campaign_edit"),
    Screen("ads-step", "Start a campaign", then(_DRAFT, "a[href$='/steps/start/']"), "admin:newsletters_campaign_step"),
    Screen("ads-import", "Take over a list", at(_IMPORT), "admin:newsletters_campaign_import"),
    Screen(
        "ads-list",
        "A list that was taken over",
        first(_IMPORT, f"#content a[href^='{_IMPORT}']:not([href='{_IMPORT}'])"),
        "admin:newsletters_campaign_list",
    ),
)
