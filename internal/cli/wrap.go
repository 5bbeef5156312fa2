package cli

import "strings"

// wrap breaks the lines of a text between words so that none is wider than width, 0 for any; lines that continue one begin with indent. A
// line above a caret stays whole, since the caret would point elsewhere, and so does a command to be typed.
func wrap(text string, width int, indent string) string {
	if width <= 0 {
		return text
	}
	lines := strings.Split(text, "\n")
	var out []string
	for i, line := range lines {
		pointed := i+1 < len(lines) && strings.Trim(lines[i+1], " ^") == "" && strings.Contains(lines[i+1], "^")
		if pointed || runes(line) <= width {
			out = append(out, line)
			continue
		}
		out = append(out, broken(line, width, indent)...)
	}
	return strings.Join(out, "\n")
}

// broken breaks one line.
func broken(line string, width int, indent string) (out []string) {
	body := strings.TrimLeft(line, " ")
	current := line[:len(line)-len(body)]
	words := strings.Split(body, " ")
	if before, command, ok := strings.Cut(body, "type: "); ok {
		words = append(strings.Split(before+"type:", " "), command)
	}
	fresh := true
	for _, w := range words {
		if !fresh && runes(current)+1+runes(w) > width {
			out = append(out, current)
			current, fresh = indent, true
		}
		if !fresh {
			current += " "
		}
		current, fresh = current+w, false
	}
	return append(out, current)
}

func runes(s string) int { return len([]rune(s)) }

// cut shortens a text to width.
func cut(s string, width int) string {
	if r := []rune(s); width > 0 && len(r) > width {
		return string(r[:max(0, width-1)]) + "…"
	}
	return s
}

// stepLine lays a step's line out for a terminal of width columns, 0 for any: where it does not fit, what the step did stands below.
func stepLine(mark, name, kind, detail, took string, width int) string {
	const nameWidth, kindWidth, detailWidth, tookWidth = 16, 8, 46, 6
	head := " " + mark + " " + pad(name, nameWidth) + " " + pad(kind, kindWidth)
	room := detailWidth
	if width > 0 {
		room = min(room, width-runes(head)-tookWidth-2)
		width = min(width, runes(head)+detailWidth+tookWidth+2)
	}
	if width == 0 || runes(detail) <= room {
		return head + " " + pad(detail, room) + " " + strings.Repeat(" ", max(0, tookWidth-runes(took))) + took
	}
	if runes(head)+tookWidth+2 > width {
		head = cut(" "+mark+" "+name+" "+kind, width-runes(took)-1)
	}
	line := head + strings.Repeat(" ", max(1, width-runes(head)-runes(took))) + took
	below := "     "
	for _, part := range strings.Split(detail, "  ") {
		if runes(below) > 5 && runes(below)+2+runes(part) > width {
			line, below = line+"\n"+below, "     "
		}
		if runes(below) > 5 {
			below += "  "
		}
		below += part
	}
	return line + "\n" + cut(below, width)
}
