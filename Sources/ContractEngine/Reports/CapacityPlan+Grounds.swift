internal import ContractModel
package import JSONBytes

/// What a plan's numbers rest on, as people read it.
extension CapacityPlan {
    /// What is so far from known that the numbers may mislead: a warning each.
    public func caveatLines(_ style: ReportStyle) -> [String] {
        caveats.flatMap { TextWrap.lines($0 + ".", indentation: 2, first: "! ").map { style($0, .warning) } }
    }

    /// What was given in place of a default; what was assumed, where the documents leave it open, and what that moved. The same
    /// assumption of several patterns is told once.
    public func assumptionLines(_ style: ReportStyle) -> [String] {
        let given = assumptions.given
        var lines: [String] = []
        if !given.isEmpty {
            lines = TextWrap.lines("Given: " + given.joined(separator: ", "), indentation: 2, first: "") + [""]
        }
        let grounds = grounds
        guard !grounds.isEmpty else { return lines + [style("Nothing was assumed: the documents say it all.", .good)] }
        lines += [style("Assumed, since no document says it outright, and what it moved", .emphasis)]
        for ground in grounds {
            lines += TextWrap.lines(ground.text, indentation: 4, first: "  · ")
            lines += TextWrap.lines(ground.moved.joined(separator: "; "), indentation: 6).map { style($0, .faint) }
        }
        let advice = "Where you know better: --assume items-per-query=20, or a file of them (--assumptions)."
        return lines + TextWrap.lines(advice, indentation: 2).map { style($0, .faint) }
    }

    /// `"caveats": ["…"], "assumptions": [{"text", "moved": ["…"]}]`.
    package func writeGrounds(to writer: inout JSONWriter) {
        writer.key("caveats")
        writer.beginArray()
        for caveat in caveats { writer.string(caveat) }
        writer.endArray()
        writer.key("assumptions")
        writer.beginArray()
        for ground in grounds {
            writer.beginObject()
            writer.member("text", ground.text)
            writer.key("moved")
            writer.beginArray()
            for moved in ground.moved { writer.string(moved) }
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
    }

    /// Assumptions of all patterns, each text once, with the numbers that it moved: "read units of Users: AP2, AP3".
    private var grounds: [(text: String, moved: [String])] {
        var order: [String] = []
        var moved: [String: [Moved]] = [:]
        for demand in patterns {
            for assumption in demand.assumptions {
                if moved[assumption.text] == nil { order.append(assumption.text) }
                let what = String(assumption.moved.dropFirst(demand.pattern.id.count + 2))
                if let known = moved[assumption.text]?.firstIndex(where: { $0.what == what }) {
                    moved[assumption.text]?[known].patterns.append(demand.pattern.id)
                } else {
                    moved[assumption.text, default: []].append(Moved(what: what, patterns: [demand.pattern.id]))
                }
            }
        }
        for assumption in storageAssumptions {
            if moved[assumption.text] == nil { order.append(assumption.text) }
            moved[assumption.text, default: []].append(Moved(what: assumption.moved, patterns: []))
        }
        return order.map { text in
            (text, (moved[text] ?? []).map(\.words))
        }
    }

    /// A number that an assumption moved, and in which patterns.
    private struct Moved {
        var what: String
        var patterns: [String]

        var words: String { patterns.isEmpty ? what : "\(what): \(patterns.joined(separator: ", "))" }
    }
}
