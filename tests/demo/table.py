# SPDX-License-Identifier: GPL-2.0-or-later
"""Text tables whose columns are grouped under common headings.

A column is (heading over it and its neighbours of the same heading, own head,
function from a row's object to the cell). Invariant: the columns of a heading
stand side by side.
"""


def groups(columns):
    """Columns under one heading: (heading, their numbers)."""
    spans = {}
    for i, (heading, _, _) in enumerate(columns):
        spans.setdefault(heading, []).append(i)
    return spans.items()


def table_of(columns, objects, texts):
    """The lines of the table; heads in texts are of columns set to the left."""
    heads = [head for _, head, _ in columns]
    rows = [heads] + [[str(cell(each)) for _, _, cell in columns] for each in objects]
    widths = [max(map(len, column)) for column in zip(*rows)]
    over = []
    for heading, span in groups(columns):
        room = sum(widths[i] + 2 for i in span) - 2
        widths[span[0]] += max(len(heading) - room, 0)
        over.append((heading, max(room, len(heading))))
    yield "  ".join(heading.center(room) for heading, room in over).rstrip()
    yield "  ".join(("-" if heading else " ") * room for heading, room in over)
    for row in rows:
        yield "  ".join(cell.ljust(width) if head in texts else cell.rjust(width)
                        for cell, width, head in zip(row, widths, heads)).rstrip()
