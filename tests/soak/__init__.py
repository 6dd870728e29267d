"""Many saves, many tabs, and what goes wrong meanwhile: nothing is lost, nothing piles up."""
