internal import ContractModel

extension Linter {
    /// `satisfies` against the patterns and the mapping. A contract without any `satisfies` leaves it all to the mapping.
    func claims() -> [Finding] {
        var findings: [Finding] = []
        for (index, table) in tables.enumerated() {
            for id in table.satisfies {
                let position = marks(of: index)?.satisfied[id]
                guard let pattern = pattern(id) else {
                    if listing != nil || document.sources.reading?.patterns.isEmpty == false {
                        findings.append(
                            finding(
                                .satisfiesUnknown, at: position, about: id,
                                "\(table.name) claims \(id), which no document describes.",
                                advice: "Add \(id) to the pattern table, or take it out of `satisfies`."))
                    }
                    continue
                }
                if let finding = unserved(pattern, claimedBy: table, at: position) { findings.append(finding) }
            }
        }
        var claiming: [String: [Int]] = [:]
        for (index, table) in tables.enumerated() {
            for id in table.satisfies { claiming[id, default: []].append(index) }
        }
        return findings
            + (claiming.isEmpty
                ? [] : patterns.compactMap { disagreement($0, claiming: claiming[$0.id] ?? []) })
    }

    private func unserved(_ pattern: AccessPattern, claimedBy table: ContractTable, at position: Position?) -> Finding?
    {
        guard !pattern.isServed else { return nil }
        let reason =
            pattern.type == .none
            ? "which does no work in the database"
            : "which the model leaves unsolved\(pattern.unsolvedReason.map { " (\($0))" } ?? "")"
        return finding(
            .satisfiesUnserved, at: position, about: pattern.id, "\(table.name) claims \(pattern.id), \(reason).",
            advice: "Take \(pattern.id) out of `satisfies`"
                + (pattern.type == .none
                    ? "." : ", or solve it in the model: until then it is neither charged nor generated."))
    }

    private func disagreement(_ pattern: AccessPattern, claiming: [Int]) -> Finding? {
        let operations = placed(pattern)
        let teller = teller(of: pattern)
        guard pattern.isServed, !operations.isEmpty else { return nil }
        let claimed = claiming.map { tables[$0].name }
        let mapped = operations.reduce(into: [String]()) { names, operation in
            if !names.contains(operation.table) { names.append(operation.table) }
        }
        guard Set(claimed) != Set(mapped) else { return nil }
        let missing = mapped.filter { !claimed.contains($0) }
        let doing = operations.filter { !claimed.contains($0.table) }.map { "\($0.operation) on \($0.table)" }
        guard let first = claiming.first else {
            let place = place(of: pattern)
            return finding(
                .satisfiesMappingDisagree, in: place.file, at: place.position, about: pattern.id,
                "No table claims \(pattern.id), while \(teller) places it on \(Figures.list(mapped)).",
                advice: "Add \(pattern.id) to the `satisfies` of \(Figures.list(mapped)).")
        }
        let extra = claimed.filter { !mapped.contains($0) }
        let message =
            missing.isEmpty
            ? "\(Figures.list(extra)) claims \(pattern.id), while \(teller) places it on \(Figures.list(mapped)) alone."
            : "\(Figures.list(claimed)) alone claims \(pattern.id), while \(teller) \(extra.isEmpty ? "also " : "")has \(Figures.list(doing))."
        return finding(
            .satisfiesMappingDisagree, at: marks(of: first)?.satisfied[pattern.id], about: pattern.id, message,
            advice: (missing.isEmpty
                ? "Take it out there" : "Add \(pattern.id) to the `satisfies` of \(Figures.list(missing))")
                + (extra.isEmpty || missing.isEmpty ? "" : " and take it out of \(Figures.list(extra))")
                + ", or correct \(teller); until then capacity and alarms "
                + (isOutright(pattern.id) ? "follow \(teller)." : "charge both."))
    }
}
