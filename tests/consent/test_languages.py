"""Words in another language than the page say so: a reading voice must know how to say them."""

from django.utils.html import conditional_escape
from django.utils.translation import override

from consent.rendering import Wording


def test_a_wording_without_a_translation_is_marked_with_its_language() -> None:
    words = Wording("MARKETING_EMAIL", "Ziņas", "Piekrītu & saprotu.", "0" * 64, "lv")
    with override("ru"):
        assert conditional_escape(words.label) == '<span lang="lv">Piekrītu &amp; saprotu.</span>'
    with override("lv"):
        assert conditional_escape(words.label) == "Piekrītu &amp; saprotu."
