internal import ContractModel

extension Linter {
    /// What the documents call a read or a write, against the operations that they give for it.
    func types() -> [Finding] {
        patterns.compactMap { pattern in
            guard pattern.type != .none, known.row(of: pattern.id)?.typeIsOwn == true else { return nil }
            let operations = placed(pattern).filter { !$0.isNamedByRule }
            guard let first = operations.first, operations.allSatisfy({ $0.isWrite == first.isWrite }),
                first.isWrite != (pattern.type == .write)
            else { return nil }
            let place = place(of: pattern)
            let summary = pattern.summary.isEmpty ? "" : " (\(pattern.summary))"
            let names = operations.map(\.operation).uniqued(besides: [])
            let verb = (first.isWrite ? "write" : "read") + (names.count == 1 ? "s" : "")
            return finding(
                .typeDiffersFromOperation, in: place.file, at: place.position, about: pattern.id,
                "\(pattern.id)\(summary) is called a \(pattern.type.rawValue), and its "
                    + "operation\(names.count == 1 ? "" : "s") \(Figures.list(names)) \(verb).",
                advice: "Correct the type or the operation.")
        }
    }
}
