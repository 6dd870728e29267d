"""The app's URLs."""

from django.urls import path

from notes import views

urlpatterns = [
    path("", views.wall, name="wall"),
    path("notes/<int:number>/", views.detail, name="detail"),
    path("notes/<int:number>/pin/", views.pin, name="pin"),
]
