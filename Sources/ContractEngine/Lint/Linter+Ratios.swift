internal import ContractModel

extension Linter {
    /// Amounts, shares, changes and factors that a text states, against each other.
    func ratios(_ figures: StatedFigures, _ file: String) -> [Finding] {
        figures.ratios.compactMap { ratio($0, among: figures, file) } + twice(figures, file)
    }

    private func ratio(_ ratio: StatedRatio, among figures: StatedFigures, _ file: String) -> Finding? {
        let (text, why): (String, String)
        switch ratio.basis {
        case .share(let part, let label):
            guard let whole = figures.amount(of: label, per: part.per), whole.line != ratio.line,
                !ratio.stated.agrees(with: part.number, over: whole.dollars.number, scale: 100)
            else { return nil }
            text = "\(ratio.stated.text)% of \(label)"
            let share = 100 * part.number.value / whole.dollars.number.value
            why =
                "\(part.text) is \(Figures.short(share.rounded()))% of the \(whole.dollars.text) of \(whole.label) (line \(whole.line))"
        case .change(let now, let before):
            guard !ratio.stated.agrees(with: now.number, over: before.number, minus: 1, scale: 100) else { return nil }
            text = "\(ratio.stated.text)%"
            let change = 100 * abs(now.number.value - before.number.value) / before.number.value
            why = "from \(before.text) to \(now.text) it is \(Figures.short(change.rounded()))%"
        case .factor(let from, let to):
            guard !ratio.stated.agrees(with: to, over: from, scale: 1) else { return nil }
            text = "\(ratio.stated.text) times"
            why = "\(to.text) is \(Figures.short((to.value / from.value).rounded())) times \(from.text)"
        }
        return finding(
            .ratioDiffers, in: file, at: Position(line: ratio.line), about: text,
            "The line says \(text), while \(why).", advice: "Reckon it anew, or correct the numbers beside it.")
    }

    /// One label under one heading with two amounts. A label of one word, such as a table's name, may stand for many things.
    private func twice(_ figures: StatedFigures, _ file: String) -> [Finding] {
        struct Place: Hashable {
            var words: Set<String>
            var per: String
            var heading: Int?
        }
        var first: [Place: StatedAmount] = [:]
        return figures.amounts.compactMap { amount in
            let place = Place(words: amount.words, per: amount.dollars.per, heading: amount.heading)
            guard amount.words.count > 1 else { return nil }
            guard let known = first[place] else {
                first[place] = amount
                return nil
            }
            let (one, other) = (known.dollars.number, amount.dollars.number)
            guard !one.agrees(with: other.value), !other.agrees(with: one.value) else { return nil }
            return finding(
                .amountDiffers, in: file, at: Position(line: amount.line), about: amount.label,
                "The text gives \(amount.label) \(amount.dollars.text) here, and \(known.label) \(known.dollars.text) on line "
                    + "\(known.line).", advice: "Say one of them, or say what tells them apart.")
        }
    }

    /// Indexes that the documents call not sparse, while items of their table can be without their keys.
    func sparseness() -> [Finding] {
        tables.flatMap { table in
            table.indexes.compactMap { index in
                index.reasons.first { $0.deniesSparseness }.flatMap { dense($0, index, of: table) }
            }
        }
    }

    private func dense(_ reason: DesignReason, _ index: ContractIndex, of table: ContractTable) -> Finding? {
        let views = known.views(of: table.name)
        let inside = views.filter { $0.appears(in: index) }
        let place = "\(table.name).\(index.name)"
        let why: String
        if inside.count < views.count, !inside.isEmpty {
            let outside = views.filter { !$0.appears(in: index) }.map(\.entity.name)
            why =
                "\(Figures.list(outside)) \(outside.count == 1 ? "has" : "have") no key of it: only "
                + "\(Figures.list(inside.map(\.entity.name))) \(inside.count == 1 ? "is" : "are") in it"
        } else {
            let keys = [index.partitionKey, index.sortKey].compactMap(\.self)
            let absent = inside.lazy.compactMap { view in
                keys.lazy.compactMap { key in
                    view.absence(of: key, in: index).map { "\(key.name) can be absent (\($0))" }
                }
                .first
            }.first
            guard let absent else { return nil }
            why = absent
        }
        return finding(
            .sparseDiffers, in: reason.file, at: Position(line: reason.line), about: place,
            "\(place) is said not to be sparse, while \(why).",
            advice: "Say that it is sparse, and of what: its writes and its storage are those of the items in it.")
    }
}

extension StatedFigures {
    /// The amount that the document gives under a label; nil where it gives none, or several that differ.
    fileprivate func amount(of label: String, per: String) -> StatedAmount? {
        let words = RatioReader.words(of: label)
        let found = amounts.filter { $0.words == words && $0.dollars.per == per }
        guard !words.isEmpty, let first = found.first,
            found.allSatisfy({ $0.dollars.number.agrees(with: first.dollars.number.value) })
        else { return nil }
        return first
    }
}
