# SPDX-License-Identifier: GPL-2.0-or-later
"""SVG by hand: horizontal bars, and lines over an axis."""

from xml.sax.saxutils import escape

INK, FAINT, PAPER = "#24292f", "#d0d7de", "#ffffff"
OURS, THEIRS = "#0969da", "#8c959f"
LINES = ("#cf222e", "#bf8700", "#8250df", "#0969da")
FONT = "font-family='sans-serif' font-size='12'"


class Drawing:
    """Elements, and the document that they make."""

    def __init__(self, width, height, title):
        self.parts = [
            f"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}' "
            f"viewBox='0 0 {width} {height}' role='img' {FONT}>",
            f"<title>{escape(title)}</title>",
            f"<rect width='{width}' height='{height}' fill='{PAPER}'/>",
        ]

    def text(self, x, y, text, anchor="start", weight="normal", color=INK):
        self.parts.append(f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' "
                          f"font-weight='{weight}' fill='{color}'>{escape(text)}</text>")

    def bar(self, x, y, width, height, color):
        self.parts.append(f"<rect x='{x:.1f}' y='{y:.1f}' width='{width:.1f}' "
                          f"height='{height:.1f}' fill='{color}'/>")

    def line(self, points, color, width=1):
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(f"<polyline points='{path}' fill='none' stroke='{color}' "
                          f"stroke-width='{width}'/>")

    def dot(self, x, y, color):
        self.parts.append(f"<circle cx='{x:.1f}' cy='{y:.1f}' r='3' fill='{color}'/>")

    def write(self, path):
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(self.parts + ["</svg>", ""]))


def round_step(most, steps=6):
    """A step of 1, 2 or 5 times a power of ten that divides 0..most into few."""
    power = 1
    while True:
        for digit in (1, 2, 5):
            if most <= digit * power * steps:
                return digit * power
        power *= 10


def bars(path, title, groups):
    """groups: lists of (label, value, least, most, ours), with room between them."""
    rows = [row for group in groups for row in group]
    left, right, line, top = 150, 640, 20, 40
    step = round_step(max(row[3] for row in rows))
    scale = (right - left) / max(row[3] for row in rows)
    height = top + line * len(rows) + 10 * len(groups) + 30
    drawing = Drawing(right + 80, height, title)
    drawing.text(16, 24, title, weight="bold")
    for mark in range(0, int((right - left) / scale) + 1, step):
        x = left + mark * scale
        drawing.line([(x, top), (x, height - 28)], FAINT)
        drawing.text(x, height - 12, str(mark), "middle")
    y = top + 5
    for group in groups:
        for label, value, least, most, ours in group:
            drawing.text(left - 8, y + 13, label, "end")
            drawing.bar(left, y + 3, value * scale, line - 6, OURS if ours else THEIRS)
            drawing.line([(left + least * scale, y + line / 2), (left + most * scale, y + line / 2)],
                         INK)
            drawing.text(left + most * scale + 6, y + 13, f"{value:.0f}")
            y += line
        y += 10
    drawing.text(right + 72, height - 12, "ns/packet", "end")
    drawing.write(path)


def curves(path, title, x_name, y_name, series):
    """series: label -> list of (x, y)."""
    left, right, top, bottom = 70, 640, 64, 364
    most_x = max(x for points in series.values() for x, _ in points) or 1
    most_y = max(y for points in series.values() for _, y in points) or 1
    drawing = Drawing(right + 240, bottom + 50, title)
    drawing.text(16, 24, title, weight="bold")

    def place(x, y):
        return left + (right - left) * x / most_x, bottom - (bottom - top) * y / most_y

    for mark in range(0, int(most_y) + 1, round_step(most_y)):
        drawing.line([place(0, mark), place(most_x, mark)], FAINT)
        drawing.text(left - 8, place(0, mark)[1] + 4, str(mark), "end")
    for mark in range(0, int(most_x) + 1, round_step(most_x)):
        drawing.line([place(mark, 0), (place(mark, 0)[0], bottom + 4)], INK)
        drawing.text(place(mark, 0)[0], bottom + 18, str(mark), "middle")
    for number, (label, points) in enumerate(series.items()):
        color = LINES[number % len(LINES)]
        drawing.line([place(x, y) for x, y in points], color, 2)
        for x, y in points:
            drawing.dot(*place(x, y), color)
        drawing.bar(right + 16, top + 22 * number, 12, 12, color)
        drawing.text(right + 34, top + 22 * number + 11, label)
    drawing.text((left + right) / 2, bottom + 40, x_name, "middle")
    drawing.text(16, top - 16, y_name)
    drawing.write(path)
