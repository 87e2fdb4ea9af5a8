internal import ContractModel

/// What is wrong in the documents: gravest first, then in the order of the files and their lines.
///
/// - Parameter disabled: ids of rules that stay silent.
public func lint(_ document: ContractDocument, disabled: Set<String> = []) -> [Finding] {
    let linter = Linter(document)
    let findings = Linter.checks.flatMap { $0(linter)() }.filter { !disabled.contains($0.rule) }
    let files = Dictionary(linter.files.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let places = findings.map { finding in
        (finding.severity, files[finding.file] ?? files.count, finding.line, finding.column ?? 0)
    }
    return findings.indices.sorted { left, right in
        if places[left] != places[right] { return places[left] < places[right] }
        let (one, other) = (findings[left], findings[right])
        return one.rule == other.rule ? one.subject < other.subject : one.rule < other.rule
    }.map { findings[$0] }
}

/// How many tables, kinds of items, patterns and rows all rules together look at: it must grow as the documents do, and no faster.
package func lintVisits(of document: ContractDocument) -> Int {
    let linter = Linter(document)
    for check in Linter.checks { _ = check(linter)() }
    return linter.visits.count
}

/// The rules, each a function from the documents to its findings; none knows of another.
struct Linter {
    let document: ContractDocument
    /// What the patterns ask for at the very least, so that no finding rests on an assumption that runs high.
    let plan: CapacityPlan
    let resolver: PatternResolver
    let visits: VisitCount
    let tables: Roster<ContractTable>
    /// The patterns in the documents' order.
    let patterns: Roster<AccessPattern>
    /// Every kind of item with its table and its places.
    let entities: Roster<EntityView>
    /// Who is who by name, so that no rule searches.
    let known: LintLookup
    /// How the items of each pattern's operations are found.
    let access: OperationAccessReader
    /// How each pattern is carried out, by its id.
    let works: [String: PatternWork]
    /// Patterns of which the overlay or the pattern itself says what they do, so that the mapping does not matter.
    private let outright: Set<String>
    private let placedOperations: [String: [PatternOperation]]

    static let checks: [@Sendable (Linter) -> () -> [Finding]] = [
        { $0.rates }, { $0.sums }, { $0.planning }, { $0.omissions }, { $0.costs }, { $0.mapping }, { $0.modelItems },
        { $0.modelKeys }, { $0.kindKeys }, { $0.strangeSections },
        { $0.claims }, { $0.coverage }, { $0.conditions }, { $0.types }, { $0.kindsTold },
        { $0.service }, { $0.keyChanges }, { $0.methods }, { $0.reads }, { $0.filters }, { $0.restrictions },
        { $0.collections },
        { $0.indexUse }, { $0.unfilledKeys }, { $0.kindsOutsideIndexes }, { $0.keyExpressions },
        { $0.unique }, { $0.order }, { $0.dateOrder }, { $0.orderKeys }, { $0.requests },
        { $0.keys }, { $0.fixedKeys }, { $0.keyRoom }, { $0.collisions }, { $0.projections }, { $0.projectedCounts },
        { $0.templates },
        { $0.indexNames }, { $0.keyLengths }, { $0.lookupLengths },
        { $0.copies },
        { $0.joins }, { $0.ignoredColumns }, { $0.constructs }, { $0.emptyKeys }, { $0.constantFormats }, { $0.sizes },
        { $0.limits }, { $0.names }, { $0.schema },
    ]

    init(_ document: ContractDocument) {
        self.document = document
        let views = EntityView.all(of: document)
        access = OperationAccessReader(views)
        works = access.works(of: document)
        plan = capacity(of: document, assuming: .lowerBound, works: works)
        let resolver = PatternResolver(
            contract: document.contract, overlay: document.sources.overlay, model: document.sources.model)
        self.resolver = resolver
        let rows = (document.sources.reading?.patterns ?? []) + (document.sources.listing?.rows ?? [])
        let overlaid = (document.sources.overlay?.operations ?? [:]).filter { !$0.value.isEmpty }.map(\.key)
        let outright = Set(overlaid + rows.filter { !$0.operations.isEmpty }.map(\.pattern.id))
        self.outright = outright
        placedOperations = Dictionary(
            document.patterns.map { pattern in
                let isOutright = outright.contains(pattern.id)
                return (pattern.id, isOutright ? pattern.operations : resolver.mapping(for: pattern).operations)
            }, uniquingKeysWith: { first, _ in first })
        known = LintLookup(document, views: views, plan: plan)
        visits = VisitCount()
        tables = Roster(document.contract.tables, visits)
        patterns = Roster(document.patterns, visits)
        entities = Roster(views.flatMap(\.self), visits)
    }

    var model: DataModel? { document.sources.model }
    var listing: PatternListing? { document.sources.listing }

    var files: [String] {
        [document.contractFile]
            + [listing?.file, model?.file, document.sources.overlay?.file, document.sources.interfaces?.file]
            .compactMap(\.self)
    }

    func pattern(_ id: String) -> AccessPattern? { known.pattern(id) }

    func marks(of table: Int) -> TableMarks? {
        guard let marks = document.sources.reading?.marks.tables, marks.indices.contains(table) else { return nil }
        return marks[table]
    }

    func marks(of table: Int, index: Int) -> IndexMarks? {
        guard let marks = marks(of: table)?.indexes, marks.indices.contains(index) else { return nil }
        return marks[index]
    }

    /// The tables that a pattern touches by the overlay, by its own operations or by the mapping: never by `satisfies`.
    func placed(_ pattern: AccessPattern) -> [PatternOperation] { placedOperations[pattern.id] ?? [] }

    func isOutright(_ id: String) -> Bool { outright.contains(id) }

    func finding(
        _ rule: Rule, in file: String? = nil, at position: Position?, about subject: String = "", _ message: String,
        advice: String
    ) -> Finding {
        Finding(
            rule: rule.rawValue, severity: rule.severity, file: file ?? document.contractFile,
            line: position?.line ?? 1, column: position?.column, pointer: position?.pointer, subject: subject,
            message: message, advice: advice)
    }

    /// The line that says what a pattern does: the mapping's row, else the pattern's own.
    func place(of pattern: AccessPattern) -> (file: String?, position: Position?) {
        if !isOutright(pattern.id), let row = known.mappingRow(of: pattern.id) {
            return (model?.file, Position(line: row.line))
        }
        if let overlay = document.sources.overlay, let position = overlay.position(of: pattern.id) {
            return (overlay.file, position)
        }
        let row = known.row(of: pattern.id)
        return (row?.file, row?.position)
    }

    /// What says where a pattern works: "the mapping", "the overlay", "its row".
    func teller(of pattern: AccessPattern) -> String {
        guard isOutright(pattern.id) else { return "the mapping" }
        if let overlay = document.sources.overlay, overlay.position(of: pattern.id) != nil { return "the overlay" }
        guard let row = known.row(of: pattern.id), row.file != document.contractFile else { return "its own entry" }
        return "its row in \(row.file)"
    }

    func tellers(of patterns: [AccessPattern]) -> String {
        Figures.list(patterns.map(teller).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } })
    }
}
