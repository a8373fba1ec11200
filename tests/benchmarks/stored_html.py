"""The old app with its Markdown rendered in advance: what it could reach without a rewrite.

`python stored_html.py` renders the entries of $LEGACY_DB in place, `gunicorn stored_html:app` serves them;
both with the old app's folder on the path.
"""

from importlib import import_module

from markupsafe import Markup

old = import_module("app")
app = old.app
rendered = app.jinja_env.filters["markdown"]
app.jinja_env.filters["markdown"] = Markup


def render_all() -> None:
    with app.app_context():
        for entry in old.JournalEntry.query:
            entry.content = str(rendered(entry.content))
        old.db.session.commit()


if __name__ == "__main__":
    render_all()
