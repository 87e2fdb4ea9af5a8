internal import ContractModel

extension Linter {
    /// Reads whose keys the documents write otherwise than the contract makes them: they find nothing.
    func keyExpressions() -> [Finding] {
        patterns.filter(\.isServed).compactMap { pattern in
            let reads = pattern.operations.filter { ["GetItem", "Query"].contains($0.operation) }
            guard reads.count == 1, pattern.operations.count == 1, let read = reads.first,
                let view = access.view(of: read), let keys = ReadKeys(read, view)
            else { return nil }
            let texts = [operationsText(of: pattern)] + pattern.notes
            let written = texts.flatMap { KeyExpression.all(in: $0, keys: keys.names) }
            return written.lazy.compactMap { keys.difference(from: $0, in: view) }.first.map { difference in
                let place = place(of: pattern)
                let summary = pattern.summary.isEmpty ? "" : " (\(pattern.summary))"
                return finding(
                    .operationKeyDiffers, in: place.file, at: place.position, about: pattern.id,
                    "\(pattern.id)\(summary) reads \(OperationCost.place(read)) by \(difference.key) \"\(difference.written)\", and the "
                        + "contract makes it \"\(difference.made)\": \(difference.why).",
                    advice: "Let both say the same; a part of a key that a read gives alone comes first in it.")
            }
        }
    }

    /// Reads of a kind of item through an index that has none of it.
    func kindsOutsideIndexes() -> [Finding] {
        patterns.filter(\.isServed).flatMap { pattern in
            pattern.operations.lazy.filter { !$0.isWrite }.compactMap { read -> Finding? in
                guard let view = access.view(of: read), view.table.isMultiEntity,
                    let index = read.index.flatMap({ view.table.index(named: $0) }), !view.appears(in: index)
                else { return nil }
                let place = place(of: pattern)
                let summary = pattern.summary.isEmpty ? "" : " (\(pattern.summary))"
                var found = finding(
                    .kindNotInIndex, in: place.file, at: place.position, about: pattern.id,
                    "\(pattern.id)\(summary) reads items of \(view.shortName) through \(OperationCost.place(read)), and the contract gives "
                        + "them no \(Figures.list(view.missingKeys(of: index))): it finds none, and no method is generated.",
                    advice:
                        "Give \(view.shortName) the keys of \(index.name) (`gsi_keys`), or name the index or the kind of item that is meant."
                )
                if read.isEntityGuess || read.isGuess { found.severity = .warning }
                return found
            }.prefix(1).map(\.self)
        }
    }
}

extension EntityView {
    /// The keys of an index that items of this kind do not get.
    fileprivate func missingKeys(of index: ContractIndex) -> [String] {
        let keys = [index.partitionKey, index.sortKey].compactMap(\.self)
        let missing = keys.filter { entity.template(of: $0, of: index, in: table) == nil && attribute($0.name) == nil }
        return (missing.isEmpty ? keys : missing).map(\.name)
    }
}

/// The keys by which an operation reads, as the contract makes them of a kind of item.
private struct ReadKeys {
    struct Difference {
        var key: String
        var written: String
        var made: String
        var why: String
    }

    private let made: [(name: String, template: KeyTemplate, isSort: Bool)]

    init?(_ read: PatternOperation, _ view: EntityView) {
        guard let name = read.index else {
            made = [(view.table.partitionKey, false), (view.table.sortKey, true)].compactMap { key, isSort in
                key.flatMap { key in view.entity.template(of: key, in: view.table).map { (key.name, $0, isSort) } }
            }
            return
        }
        guard let index = view.table.index(named: name), view.appears(in: index) else { return nil }
        made = [(index.partitionKey, false), (index.sortKey, true)].compactMap { key, isSort in
            key.flatMap { key in
                view.entity.template(of: key, of: index, in: view.table).map { (key.name, $0, isSort) }
            }
        }
    }

    var names: [String] { made.map(\.name) }

    /// Where what is written can be no beginning of what is made; nil where nothing shows that.
    func difference(from written: KeyExpression, in view: EntityView) -> Difference? {
        let key = made.first { made in written.key.map { $0 == made.name } ?? made.isSort }
        guard let key else { return nil }
        func difference(_ why: String) -> Difference {
            Difference(key: key.name, written: written.template.source, made: key.template.source, why: why)
        }
        var (ours, theirs) = (key.template.pieces[...], written.template.pieces[...])
        while let our = ours.popFirst(), let their = theirs.popFirst() {
            switch (our, their) {
            case (.literal(let our), .literal(let their)):
                if our == their { continue }
                guard let (begin, other) = Self.beginnings(our, their) else { return nil }
                return difference(
                    "a key that begins with \"\(begin)\" is none that begins with \"\(other)\", so that nothing is found"
                )
            case (.placeholder(let our), .placeholder(let their)):
                guard let named = Self.attribute(their, view), let own = Self.attribute(our, view) else { return nil }
                guard named != own else { continue }
                let isLater = ours.contains {
                    if case .placeholder(let name) = $0 { Self.attribute(name, view) == named } else { false }
                }
                return difference(
                    isLater
                        ? "\(named) comes behind \(own) in it, and a read gives the beginning of a sort key or all of it"
                        : "\(own) stands where the read gives \(named), so that nothing is found")
            default: return nil
            }
        }
        return nil
    }

    /// What each begins with up to its first "#", where both have one and they differ.
    private static func beginnings(_ ours: String, _ theirs: String) -> (theirs: String, ours: String)? {
        func beginning(_ text: String) -> String? {
            text.firstIndex(of: "#").map { String(text[...$0]) }.flatMap { $0.count > 1 ? $0 : nil }
        }
        guard let own = beginning(ours), let other = beginning(theirs), own != other else { return nil }
        return (other, own)
    }

    private static func attribute(_ name: String, _ view: EntityView) -> String? {
        if let attribute = view.attribute(name) { return attribute.name }
        let words = NameStem.wordsOfName(name)
        let found = view.entity.attributes.filter { attribute in
            attribute.columnNames.union([attribute.name]).contains { $0 == name || NameStem.wordsOfName($0) == words }
        }
        return found.count == 1 ? found[0].name : nil
    }
}
