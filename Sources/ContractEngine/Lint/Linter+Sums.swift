internal import ContractModel

extension Linter {
    /// Numbers in prose against the rows, against each other, and against 100%.
    func sums() -> [Finding] {
        let listed = listing.map { (file: $0.file, figures: $0.figures) }
        // One document that is both is read once.
        let modelled = model.flatMap { $0.file == listing?.file ? nil : $0 }.map {
            (file: $0.file, figures: $0.figures)
        }
        return [listed, modelled].compactMap(\.self).flatMap { file, figures -> [Finding] in
            var found = breakdowns(figures, file) + groups(figures, file)
            found += shares(figures, file) + totalRows(figures, file)
            found += counts(figures, file) + ratios(figures, file)
            return found
        }
    }

    private func breakdowns(_ figures: StatedFigures, _ file: String) -> [Finding] {
        figures.lines.compactMap { line in
            let patterns = line.ids.compactMap(pattern).filter { $0.peakRPS != nil }
            guard !patterns.isEmpty, patterns.count == line.ids.count else { return nil }
            let peak = total(patterns)
            let sums = [
                peak, total(patterns.filter(\.isServed)),
                patterns.reduce(0) { $0 + ($1.averageRPS ?? $1.peakRPS ?? 0) },
            ]
            guard !sums.contains(where: { line.number.agrees(with: $0) }) else { return nil }
            return finding(
                .breakdownDiffers, in: file, at: Position(line: line.line), about: Figures.list(line.ids),
                "The line says \(line.number.text) a second for \(Figures.list(line.ids)), whose rows "
                    + "\(patterns.count == 1 ? "give" : "sum to") \(Figures.whole(peak)).",
                advice: "Correct the line or the rows.")
        }
    }

    private func groups(_ figures: StatedFigures, _ file: String) -> [Finding] {
        let lines = Dictionary(grouping: figures.lines, by: \.heading)
        return figures.groups.compactMap { group in
            let parts = lines[group.line] ?? []
            guard let number = group.number, parts.count > 1, !parts.contains(where: \.hasOthers) else { return nil }
            let sum = parts.reduce(0) { $0 + $1.number.value }
            guard !number.agrees(with: sum) else { return nil }
            return finding(
                .sumDiffers, in: file, at: Position(line: group.line), about: group.title,
                "The heading says \(number.text) a second, while the lines below it "
                    + "(\(parts.map(\.number.text).joined(separator: " + "))) sum to \(Figures.whole(sum)).",
                advice: "Correct the heading or the lines.")
        }
    }

    private func shares(_ figures: StatedFigures, _ file: String) -> [Finding] {
        var wholes = figures.shares.map { (percents: $0.percents, line: $0.line, what: $0.what) }
        var siblings: [String: [StatedGroup]] = [:]
        for group in figures.groups where group.percent != nil {
            siblings["\(group.level) \(group.parent ?? 0)", default: []].append(group)
        }
        for groups in siblings.values where groups.count > 2 {
            let first = groups.min { $0.line < $1.line }
            wholes.append(
                (groups.compactMap(\.percent), first?.line ?? 1, "The shares of these \(groups.count) headings"))
        }
        return wholes.compactMap { percents, line, what in
            let sum = percents.reduce(0) { $0 + $1.value }
            let rounding = percents.reduce(1) { $0 + $1.halfUnit }
            guard abs(sum - 100) > rounding else { return nil }
            let told = percents.map { $0.text + "%" }.joined(separator: " + ")
            return finding(
                .percentagesDiffer, in: file, at: Position(line: line), about: told,
                "\(what) (\(told)) add up to \(Figures.short(sum))%.",
                advice: sum > 100
                    ? "Something is counted twice: reckon the shares anew from the rows."
                    : "Something is left out: reckon the shares anew from the rows.")
        }
    }

    private func totalRows(_ figures: StatedFigures, _ file: String) -> [Finding] {
        figures.totalRows.compactMap { row in
            let sum = row.parts.reduce(0) { $0 + $1.value }
            // Each part may be rounded by half a unit of its last digit.
            let rounding = row.parts.reduce(row.stated.halfUnit) { $0 + $1.halfUnit } + 1e-9
            guard abs(sum - row.stated.value) > rounding else { return nil }
            if let label = row.label {
                return finding(
                    .sumDiffers, in: file, at: Position(line: row.line), about: "\(label) \(row.column)",
                    "\(label) has \(row.stated.text) as its \(row.column), while its parts sum to \(Figures.short(sum)).",
                    advice: "Add the row up again.")
            }
            return finding(
                .sumDiffers, in: file, at: Position(line: row.line), about: row.column,
                "The row of totals says \(row.stated.text) for \(row.column), while the rows above it sum to "
                    + "\(Figures.short(sum)).",
                advice: "Add the column up again.")
        }
    }

    private func counts(_ figures: StatedFigures, _ file: String) -> [Finding] {
        figures.counts.compactMap { number, what, line in
            // What the model counts may be those of a part.
            let isOfRows = [.listed, .reads, .writes].contains(what)
            guard !isOfRows || listing?.file == file else { return nil }
            let (listed, message): (Int, (Int) -> String)
            switch what {
            case .solved:
                listed = known.mappedPatterns
                message = { "The text says that \(number) patterns are solved, while the mapping has \($0)." }
            case .unsolved:
                listed = known.unsolvedPatterns
                message = {
                    "The text says that \(number) patterns are solved elsewhere, while \($0) are listed as unsolved."
                }
            case .reads, .writes:
                let type: PatternType = what == .reads ? .read : .write
                let rows = listing?.rows ?? []
                guard rows.allSatisfy(\.saysType) else { return nil }
                listed = rows.count { $0.pattern.type == type }
                let name = number == 1 ? String(what.rawValue.dropLast()) : what.rawValue
                message = { "The text counts \(number) \(name), while \($0) are listed." }
            case .patterns, .listed:
                listed = listing?.rows.count ?? document.patterns.count
                message = { "The text counts \(number) patterns, while \($0) are listed." }
            }
            guard listed > 0, listed != number else { return nil }
            return finding(
                .countDiffers, in: file, at: Position(line: line), about: what.rawValue, message(listed),
                advice: "Count again, or list what is missing.")
        }
    }
}
