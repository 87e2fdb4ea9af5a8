internal import ContractModel

extension Linter {
    /// The pattern table against its own text.
    func rates() -> [Finding] { averagesAbovePeaks() + totals() }

    /// No average is above the highest that there is.
    private func averagesAbovePeaks() -> [Finding] {
        let rows = (document.sources.reading?.patterns ?? []) + (listing?.rows ?? [])
        return rows.compactMap { row in
            guard let peak = row.pattern.peakRPS, let average = row.pattern.averageRPS, average > peak else {
                return nil
            }
            return finding(
                .averageAbovePeak, in: row.file, at: row.position, about: row.pattern.id,
                "\(row.pattern.id) has \(Figures.short(average)) calls a second on average and \(Figures.short(peak)) at peak.",
                advice:
                    "Exchange the two, or correct the one that is wrong: cost follows the average, capacity the peak.")
        }
    }

    private func totals() -> [Finding] {
        guard let listing else { return [] }
        let peak = sum(listing.rows) { $0.peakRPS }
        let working = sum(listing.rows.filter { isServed($0.pattern) }) { $0.peakRPS }
        // One document that is both is read once.
        let modelled = model.flatMap { $0.file == listing.file ? nil : $0 }
        let totals =
            listing.statedTotals.map { (listing.file, $0) }
            + (modelled?.statedTotals ?? []).map { (modelled?.file ?? "", $0) }
        var findings = totals.compactMap { file, total -> Finding? in
            let rows = total.type.map { type in listing.rows.filter { $0.pattern.type == type } } ?? listing.rows
            let served = rows.filter { isServed($0.pattern) }
            let all = sum(rows) { $0.peakRPS }
            let sums = [all, sum(served) { $0.peakRPS }, sum(rows) { $0.averageRPS ?? $0.peakRPS }]
            guard !sums.contains(where: { total.number.agrees(with: $0) }) else { return nil }
            let whole = total.type.map { "for all \($0.rawValue)s, while their" } ?? "in all, while the table's"
            return finding(
                .rpsTotalDiffers, in: file, at: Position(line: total.line), about: "total \(total.number.text)",
                "The text says \(total.number.text) RPS \(whole) rows sum to \(Figures.whole(all)) at peak.",
                advice: "Correct the total or the rows; capacity and alarms follow the rows.")
        }
        findings += withoutWork(listing, peak: peak, working: working)
        findings += listing.rows.filter { isServed($0.pattern) && $0.pattern.peakRPS == nil }.map { row in
            finding(
                .rateMissing, in: listing.file, at: row.position, about: row.pattern.id,
                "\(row.pattern.id) has work to do in DynamoDB, but no rate.",
                advice: "Give its peak and average RPS; without them it has no capacity and no alarm.")
        }
        return findings
    }

    /// A rate of the application that is no rate of the database may stand in the table, but not in the database's total.
    private func withoutWork(_ listing: PatternListing, peak: Double, working: Double) -> [Finding] {
        let claimed = Set(tables.flatMap(\.satisfies))
        let idle = listing.rows.filter {
            !isServed($0.pattern) && !claimed.contains($0.pattern.id) && ($0.pattern.peakRPS ?? 0) > 0
        }
        let ofAll = listing.statedTotals.filter { $0.type == nil }
        let isLeftOut = ofAll.contains {
            $0.number.agrees(with: working) && !$0.number.agrees(with: peak)
        }
        guard let first = idle.first, !ofAll.isEmpty, !isLeftOut else { return [] }
        let names = idle.map { "\($0.pattern.id) (\(Figures.short($0.pattern.peakRPS ?? 0)))" }
        let load = sum(idle) { $0.peakRPS }
        let verb = idle.count == 1 ? "does" : "do"
        return [
            finding(
                .rateWithoutWork, in: listing.file, at: first.position, about: "total",
                "\(Figures.list(names)) \(verb) no work in DynamoDB or \(idle.count == 1 ? "is" : "are") left unsolved, yet "
                    + "carr\(idle.count == 1 ? "ies" : "y") \(Figures.whole(load)) of the \(Figures.whole(peak)) RPS.",
                advice:
                    "Leave them out of the total that the tables are sized for; if the application does one of them as a "
                    + "Scan after all, give it an operation.")
        ]
    }

    func isServed(_ pattern: AccessPattern) -> Bool { self.pattern(pattern.id)?.isServed ?? pattern.isServed }

    private func sum(_ rows: [PatternRow], of rate: (AccessPattern) -> Double?) -> Double {
        rows.reduce(0) { $0 + (rate($1.pattern) ?? 0) }
    }
}
