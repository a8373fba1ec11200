"""Drops the sums of each year, which the page of statistics now reads from the counts of each day."""

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("journal", "0014_rendering")]

    initial = False

    operations = [ops.DeleteModel(name="YearCount")]
