"""Alembic's entry: it runs on the connection that `database.migrate` hands over.

Migrations are written by hand or from autogenerate, for which the caller has
imported the models; running them needs none.
"""

from alembic import context

from database.base import Base
from database.migrate import include_object

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_object=include_object,
    # Batch mode copies tables, which corrupts SpatiaLite's.
    render_as_batch=False,
)
context.run_migrations()
