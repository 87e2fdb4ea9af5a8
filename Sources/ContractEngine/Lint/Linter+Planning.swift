internal import ContractModel

extension Linter {
    /// The model's capacity planning against the rates of the patterns.
    func planning() -> [Finding] {
        guard let model, patterns.contains(where: { $0.peakRPS != nil }) else { return [] }
        return model.tables.flatMap { section -> [Finding] in
            guard let table = known.table(named: section.table) else { return [] }
            var findings: [Finding] = []
            if let planning = section.planning {
                findings += [
                    planned(planning.reads, .read, of: table, line: planning.line),
                    planned(planning.writes, .write, of: table, line: planning.line),
                ].compactMap(\.self)
            }
            return findings + section.indexes.compactMap { planned($0, of: table) }
        }
    }

    private func planned(
        _ stated: StatedNumber?, _ kind: PatternType, of table: ContractTable, line: Int
    ) -> Finding? {
        guard let stated else { return nil }
        let patterns = table.satisfies.compactMap(pattern).filter { $0.type == kind }
        let rate = total(patterns)
        // Whoever plans a table may count what reads its indexes to it, or the calls of the table alone.
        let demand = known.demand(table: table.name)
        let own = (kind == .write ? demand?.writeCallsPerSecond : demand?.readCallsPerSecond) ?? 0
        guard !stated.agrees(with: rate), !stated.rounds(own) || own == 0 else { return nil }
        let verb = kind == .write ? "write" : "read"
        let astray = patterns.filter { pattern in
            let tables = Set(placed(pattern).map(\.table))
            return !tables.isEmpty && tables != [table.name]
        }
        let rest = rate - total(astray)
        var message =
            "\(table.name) is planned for \(stated.text) \(verb)s a second, while the patterns that it `satisfies` "
            + "\(verb) it \(Figures.whole(rate)) times a second"
        if !astray.isEmpty && stated.agrees(with: rest) {
            message += "; without \(Figures.list(astray.map(\.id))), which the mapping places elsewhere as well, "
            message += "it would be the \(Figures.whole(rest)) planned"
        } else if !astray.isEmpty {
            message += "; without \(Figures.list(astray.map(\.id))), which the mapping places elsewhere as well, "
            message += "\(Figures.whole(rest)): neither is \(stated.text)"
        }
        if abs(own - rate) > 1e-6 {
            message += "; its own calls, without those of its indexes, are \(Figures.whole(own))"
        }
        return finding(
            .planningDiffers, in: model?.file, at: Position(line: line), about: "\(table.name) \(verb)s", message + ".",
            advice: "Plan for what the patterns ask, or correct `satisfies` and the rates.")
    }

    private func planned(_ section: DataModel.IndexSection, of table: ContractTable) -> Finding? {
        guard let planning = section.planning, let stated = planning.reads, !section.served.isEmpty else { return nil }
        // A write that finds its item through the index reads it too, so every pattern of the list counts.
        let ids = section.served.map(\.id).uniqued(besides: [])
        let patterns = ids.compactMap(pattern)
        let rate = total(patterns)
        // A plan may also be right where only the list is not: what reads the index counts, listed or not.
        let read = known.demand(table: table.name, index: section.index)?.readCallsPerSecond ?? 0
        guard !stated.rounds(rate), !stated.rounds(read) else { return nil }
        let others = abs(read - rate) > 1e-6 ? "; it is read \(Figures.short(read)) times a second in all" : ""
        return finding(
            .indexPlanningDiffers, in: model?.file, at: Position(line: planning.line),
            about: "\(table.name).\(section.index)",
            "\(table.name).\(section.index) is planned for \(stated.text) reads a second, while the patterns that its "
                + "section lists (\(Figures.list(ids))) come \(Figures.whole(rate)) times a second\(others).",
            advice: "List every pattern that reads the index, or correct the number.")
    }

    /// Patterns that touch a table by the mapping, but that its planning leaves out since its `satisfies` does.
    func omissions() -> [Finding] {
        guard let model else { return [] }
        var touching: [String: [(pattern: AccessPattern, isWrite: Bool)]] = [:]
        for pattern in patterns where (pattern.peakRPS ?? 0) > 0 {
            for operation in placed(pattern) {
                // A pattern's operations come one after the other, so that only the last ones can be its own.
                let isKnown = touching[operation.table]?.suffix(2).contains {
                    $0.pattern.id == pattern.id && $0.isWrite == operation.isWrite
                }
                if isKnown != true { touching[operation.table, default: []].append((pattern, operation.isWrite)) }
            }
        }
        return model.tables.flatMap { section -> [Finding] in
            guard let table = known.table(named: section.table), let planning = section.planning else { return [] }
            let claimed = Set(table.satisfies)
            let strangers = (touching[table.name] ?? []).filter { !claimed.contains($0.pattern.id) }
            return [(planning.reads, false), (planning.writes, true)].compactMap { stated, isWrite in
                let omitted = strangers.filter { $0.isWrite == isWrite }.map(\.pattern)
                return stated.flatMap { omission($0, of: omitted, isWrite: isWrite, from: table, line: planning.line) }
            }
        }
    }

    private func omission(
        _ stated: StatedNumber, of omitted: [AccessPattern], isWrite: Bool, from table: ContractTable, line: Int
    ) -> Finding? {
        let rate = total(omitted)
        guard rate > max(stated.halfUnit, StatedNumber.relativeTolerance * stated.value) else { return nil }
        let verb = isWrite ? "write" : "read"
        let units = omitted.map { sentence($0, isWrite: isWrite, of: table) }.joined(separator: "; ")
        return finding(
            .planningOmitsPattern, in: model?.file, at: Position(line: line), about: "\(table.name) \(verb)s",
            "\(table.name) is planned for \(stated.text) \(verb)s a second without \(Figures.list(omitted.map(\.id))), "
                + "which \(verb)\(omitted.count == 1 ? "s" : "") it by \(tellers(of: omitted)), \(Figures.short(rate)) times a second: \(units).",
            advice: "Add \(Figures.list(omitted.map(\.id))) to the `satisfies` of \(table.name) and to its planning; "
                + "alarms charge \(omitted.count == 1 ? "it" : "them") already.")
    }

    /// "AP29 asks for 200 × ⌈4,096 B / 1 KB⌉ × 2 = 1,600 units/s, and 800 on each of GSI1 and GSI2".
    private func sentence(_ pattern: AccessPattern, isWrite: Bool, of table: ContractTable) -> String {
        let charges = (known.demand(ofPattern: pattern.id)?.charges ?? []).filter {
            $0.table == table.name && PatternOperation.writes.contains($0.operation) == isWrite
        }
        var parts = charges.filter { $0.index == nil }.map { charge in
            let units = isWrite ? charge.writeUnitsPerSecond : charge.readUnitsPerSecond
            return
                "\(Figures.short(charge.callsPerSecond)) × \(charge.formula) = \(Figures.short(units)) \(isWrite ? "write" : "read") units/s"
        }
        let shares = charges.filter { $0.index != nil }
        if isWrite && !shares.isEmpty {
            parts.append(
                shares.map { "\(Figures.short($0.writeUnitsPerSecond)) on \($0.index ?? "")" }.joined(separator: ", "))
        }
        return "\(pattern.id) asks for "
            + (parts.isEmpty ? "\(Figures.short(pattern.peakRPS ?? 0)) calls/s" : parts.joined(separator: ", and "))
    }

    func total(_ patterns: [AccessPattern]) -> Double { patterns.reduce(0) { $0 + ($1.peakRPS ?? 0) } }
}
