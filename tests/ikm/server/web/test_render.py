from markupsafe import Markup

from ikm.server.web.render import _environment


def test_what_is_translated_is_escaped_too():
    """Threat 15: `_()` of a word that a stranger wrote shows the word."""
    for locale in ("id", "en"):
        made = _environment(locale).from_string(
            "{{ _(word) }} {{ _('%(a)s <b>', a=word) }} {% trans word %}{{ word }}{% endtrans %}"
        )
        shown = made.render(word="<i>'x")
        assert "<" not in shown
        assert Markup(shown).unescape() == "<i>'x <i>'x <b> <i>'x"
