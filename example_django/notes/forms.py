"""What a visitor may send."""

from django import forms

from notes.store import COLOURS


class NoteForm(forms.Form):
    """A new note."""

    title = forms.CharField(max_length=60, widget=forms.TextInput(attrs={"placeholder": "Title"}))
    text = forms.CharField(
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 6, "placeholder": "What did you see? **bold** and *italic* work."}),
    )
    colour = forms.ChoiceField(choices=list(COLOURS.items()), widget=forms.RadioSelect, initial="straw")
