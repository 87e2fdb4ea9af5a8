internal import ContractModel

/// What is wrong in the documents: gravest first, then in the order of the files and their lines.
public func lint(_ document: ContractDocument) -> [Finding] {
    let linter = Linter(document)
    let findings =
        linter.rates() + linter.planning() + linter.omissions() + linter.costs() + linter.claims() + linter.mapping()
        + linter.conditions() + linter.templates() + linter.sizes() + linter.keys() + linter.schema()
    let files = linter.files
    func order(_ finding: Finding) -> (Finding.Severity, Int, Int, Int) {
        (finding.severity, files.firstIndex(of: finding.file) ?? files.count, finding.line, finding.column ?? 0)
    }
    return findings.sorted { left, right in
        let (leftOrder, rightOrder) = (order(left), order(right))
        return leftOrder == rightOrder ? left.rule < right.rule : leftOrder < rightOrder
    }
}

/// The rules, each a function from the documents to its findings; none knows of another.
struct Linter {
    let document: ContractDocument
    /// What the patterns ask for at the very least, so that no finding rests on an assumption that runs high.
    let plan: CapacityPlan
    let resolver: PatternResolver
    private let byID: [String: AccessPattern]
    /// Patterns of which the overlay or the pattern itself says what they do, so that the mapping does not matter.
    private let outright: Set<String>

    init(_ document: ContractDocument) {
        self.document = document
        plan = capacity(of: document, assuming: .lowerBound)
        resolver = PatternResolver(
            contract: document.contract, overlay: document.sources.overlay, model: document.sources.model)
        let rows = (document.sources.reading?.patterns ?? []) + (document.sources.listing?.rows ?? [])
        let overlaid = (document.sources.overlay?.operations ?? [:]).filter { !$0.value.isEmpty }.map(\.key)
        outright = Set(overlaid + rows.filter { !$0.operations.isEmpty }.map(\.pattern.id))
        byID = Dictionary(document.patterns.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    var contract: MigrationContract { document.contract }
    var model: DataModel? { document.sources.model }
    var listing: PatternListing? { document.sources.listing }

    var files: [String] {
        [document.contractFile] + [listing?.file, model?.file, document.sources.overlay?.file].compactMap(\.self)
    }

    func pattern(_ id: String) -> AccessPattern? { byID[id] }

    func marks(of table: Int) -> TableMarks? {
        guard let marks = document.sources.reading?.marks.tables, marks.indices.contains(table) else { return nil }
        return marks[table]
    }

    /// The tables that a pattern touches by the overlay, by its own operations or by the mapping: never by `satisfies`.
    func placed(_ pattern: AccessPattern) -> [PatternOperation] {
        isOutright(pattern.id) ? pattern.operations : resolver.mapping(for: pattern).operations
    }

    func isOutright(_ id: String) -> Bool { outright.contains(id) }

    func finding(_ rule: Rule, in file: String?, at position: Position?, _ message: String, advice: String) -> Finding {
        Finding(
            rule: rule.rawValue, severity: rule.severity, file: file ?? document.contractFile,
            line: position?.line ?? 1, column: position?.column, message: message, advice: advice)
    }
}
