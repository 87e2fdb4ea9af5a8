internal import ContractModel

/// What is wrong in the documents: gravest first, then in the order of the files and their lines.
///
/// - Parameter disabled: ids of rules that stay silent.
public func lint(_ document: ContractDocument, disabled: Set<String> = []) -> [Finding] {
    let linter = Linter(document)
    let findings = Linter.checks.flatMap { $0(linter)() }.filter { !disabled.contains($0.rule) }
    let files = Dictionary(linter.files.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    func order(_ finding: Finding) -> (Finding.Severity, Int, Int, Int) {
        (finding.severity, files[finding.file] ?? files.count, finding.line, finding.column ?? 0)
    }
    return findings.sorted { left, right in
        let (leftOrder, rightOrder) = (order(left), order(right))
        if leftOrder != rightOrder { return leftOrder < rightOrder }
        return left.rule == right.rule ? left.subject < right.subject : left.rule < right.rule
    }
}

/// The rules, each a function from the documents to its findings; none knows of another.
struct Linter {
    let document: ContractDocument
    /// What the patterns ask for at the very least, so that no finding rests on an assumption that runs high.
    let plan: CapacityPlan
    let resolver: PatternResolver
    /// Every kind of item with its table and its places.
    let entities: [EntityView]
    private let byID: [String: AccessPattern]
    /// Patterns of which the overlay or the pattern itself says what they do, so that the mapping does not matter.
    private let outright: Set<String>

    static let checks: [@Sendable (Linter) -> () -> [Finding]] = [
        { $0.rates }, { $0.sums }, { $0.planning }, { $0.omissions }, { $0.costs }, { $0.mapping }, { $0.modelItems },
        { $0.claims }, { $0.coverage }, { $0.conditions }, { $0.service }, { $0.methods }, { $0.indexUse },
        { $0.unique },
        { $0.keys }, { $0.templates }, { $0.keyLengths }, { $0.copies }, { $0.joins }, { $0.constructs }, { $0.sizes },
        { $0.limits }, { $0.names }, { $0.schema },
    ]

    init(_ document: ContractDocument) {
        self.document = document
        plan = capacity(of: document, assuming: .lowerBound)
        resolver = PatternResolver(
            contract: document.contract, overlay: document.sources.overlay, model: document.sources.model)
        let rows = (document.sources.reading?.patterns ?? []) + (document.sources.listing?.rows ?? [])
        let overlaid = (document.sources.overlay?.operations ?? [:]).filter { !$0.value.isEmpty }.map(\.key)
        outright = Set(overlaid + rows.filter { !$0.operations.isEmpty }.map(\.pattern.id))
        byID = Dictionary(document.patterns.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        entities = EntityView.all(of: document)
    }

    var contract: MigrationContract { document.contract }
    var model: DataModel? { document.sources.model }
    var listing: PatternListing? { document.sources.listing }

    var files: [String] {
        [document.contractFile]
            + [listing?.file, model?.file, document.sources.overlay?.file, document.sources.interfaces?.file]
            .compactMap(\.self)
    }

    func pattern(_ id: String) -> AccessPattern? { byID[id] }

    func marks(of table: Int) -> TableMarks? {
        guard let marks = document.sources.reading?.marks.tables, marks.indices.contains(table) else { return nil }
        return marks[table]
    }

    func marks(of table: Int, index: Int) -> IndexMarks? {
        guard let marks = marks(of: table)?.indexes, marks.indices.contains(index) else { return nil }
        return marks[index]
    }

    /// The tables that a pattern touches by the overlay, by its own operations or by the mapping: never by `satisfies`.
    func placed(_ pattern: AccessPattern) -> [PatternOperation] {
        isOutright(pattern.id) ? pattern.operations : resolver.mapping(for: pattern).operations
    }

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
        if !isOutright(pattern.id), let row = model?.mapping.first(where: { $0.ids.contains(pattern.id) }) {
            return (model?.file, Position(line: row.line))
        }
        if let row = listing?.rows.first(where: { $0.pattern.id == pattern.id }) { return (row.file, row.position) }
        let own = document.sources.reading?.patterns.first { $0.pattern.id == pattern.id }
        return (own?.file, own?.position)
    }
}

/// A kind of item with its table, where it stands, and its attributes by name.
struct EntityView {
    let table: ContractTable
    let entity: ContractEntity
    let marks: EntityMarks?
    private let attributes: [String: ContractAttribute]

    private init(table: ContractTable, entity: ContractEntity, marks: EntityMarks?) {
        self.table = table
        self.entity = entity
        self.marks = marks
        attributes = Dictionary(entity.attributes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    static func all(of document: ContractDocument) -> [EntityView] {
        let marks = document.sources.reading?.marks.tables ?? []
        return document.contract.tables.enumerated().flatMap { number, table in
            table.entities.enumerated().map { place, entity in
                let known = marks.indices.contains(number) ? marks[number].entities : []
                return EntityView(
                    table: table, entity: entity, marks: known.indices.contains(place) ? known[place] : nil)
            }
        }
    }

    func attribute(_ name: String) -> ContractAttribute? { attributes[name] }

    func marks(of attribute: String) -> AttributeMarks? { marks?.attributes[attribute] }

    /// "Users ORDER", or the table alone where it holds one kind of item.
    var name: String { table.isMultiEntity ? "\(table.name) \(entity.name)" : table.name }

    /// "ORDER", or the table's name where it holds one kind of item.
    var shortName: String { table.isMultiEntity ? entity.name : table.name }

    func subject(_ attribute: String) -> String { "\(name).\(attribute)" }
}
