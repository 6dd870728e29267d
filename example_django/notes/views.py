"""The wall, one note, and what the forms do."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from hmr_middleware import hmr
from notes.forms import NoteForm
from notes.store import store


def wall(request: HttpRequest) -> HttpResponse:
    """Show the notes with the form for a new one, and take that."""
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        store.add(**form.cleaned_data)
        hmr.refresh("notes")  # every other tab shows it, too: no file tells of it
        return redirect("wall")
    season = (settings.CONTENT / "season.txt").read_text(encoding="utf-8")
    return render(request, "notes/wall.html", {"form": form, "notes": store.all(), "season": season})


def detail(request: HttpRequest, number: int) -> HttpResponse:
    """Show one note."""
    note = store.get(number)
    if note is None:
        raise Http404(f"there is no note {number}")
    return render(request, "notes/detail.html", {"note": note})


@require_POST
def pin(request: HttpRequest, number: int) -> HttpResponse:  # noqa: ARG001 (Django's signature)
    """Pin a note, or take its pin away."""
    store.toggle_pin(number)
    return redirect("wall")
