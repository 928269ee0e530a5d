"""Rows as tests look at them."""

from typing import Any

from sqlalchemy import ColumnElement, Select, select

from docstage.store.tables import document, result, run, task


def tasks_with_results(*columns: ColumnElement[Any]) -> Select[Any]:
    """These columns of tasks, their runs and documents, and their results where there are any."""
    return (
        select(*columns)
        .select_from(task)
        .join(run, run.c.id == task.c.run_id)
        .join(document, document.c.id == task.c.document_id)
        .outerjoin(result, result.c.task_id == task.c.id)
    )
