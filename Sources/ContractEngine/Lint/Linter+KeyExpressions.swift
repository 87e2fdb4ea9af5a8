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

    private let made: [MadeKey]

    init?(_ read: PatternOperation, _ view: EntityView) {
        let index = read.index.flatMap { view.table.index(named: $0) }
        guard read.index == nil || index.map(view.appears) == true else { return nil }
        made = view.madeKeys(of: index)
    }

    var names: [String] { made.map(\.name) }

    /// Where what is written can be no beginning of what is made; nil where nothing shows that.
    func difference(from written: KeyExpression, in view: EntityView) -> Difference? {
        let key = made.first { made in written.key.map { $0 == made.name } ?? made.isSort }
        guard let key,
            let found = KeyDifference(written.template, key.template, isWhole: false, of: view),
            let why = ReadKeys.consequence(of: found)
        else { return nil }
        return Difference(key: key.name, written: written.template.source, made: key.template.source, why: why)
    }

    private static func consequence(of difference: KeyDifference) -> String? {
        switch difference {
        case .beginnings(let written, let made):
            "a key that begins with \"\(made)\" is none that begins with \"\(written)\", so that nothing is found"
        case .later(let written, let made):
            "\(written) comes behind \(made) in it, and a read gives the beginning of a sort key or all of it"
        case .another(let written, let made):
            "\(made) stands where the read gives \(written), so that nothing is found"
        case .more, .texts, .constant: nil
        }
    }
}
