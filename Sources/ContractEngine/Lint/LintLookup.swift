internal import ContractModel

/// Tables, kinds of items, patterns, their rows and their demand by name: made once, so that no rule searches for one in a list
/// and the work stays linear in the documents.
struct LintLookup {
    private let numbers: [String: Int]
    private let contract: MigrationContract
    private let views: [[EntityView]]
    private let patterns: [String: AccessPattern]
    private let mappingRows: [String: DataModel.MappingRow]
    private let rows: [String: PatternRow]
    private let demands: [ResourceName: ResourceDemand]
    private let patternDemands: [String: PatternDemand]
    private let charges: [ResourceName: [Charge]]
    private let puts: [ResourceName: [Charge]]
    /// Patterns for which the model's sections give conditions, by table or index.
    private let conditioned: [ResourceName: Set<String>]

    /// - Parameter views: the kinds of items of each table.
    init(_ document: ContractDocument, views: [[EntityView]], plan: CapacityPlan) {
        contract = document.contract
        self.views = views
        numbers = Dictionary(
            contract.tables.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        patterns = Dictionary(document.patterns.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var mappingRows: [String: DataModel.MappingRow] = [:]
        for row in document.sources.model?.mapping ?? [] {
            for id in row.ids where mappingRows[id] == nil { mappingRows[id] = row }
        }
        self.mappingRows = mappingRows
        unsolvedPatterns = Set((document.sources.model?.unsolved ?? []).map(\.id)).count
        let listed = document.sources.listing?.rows ?? []
        rows = Dictionary(
            (listed + (document.sources.reading?.patterns ?? [])).map { ($0.pattern.id, $0) },
            uniquingKeysWith: { first, _ in first })
        demands = Dictionary(
            plan.resources.map { (ResourceName($0.table, $0.index), $0) }, uniquingKeysWith: { first, _ in first })
        charges = Dictionary(grouping: plan.patterns.flatMap(\.charges)) { ResourceName($0.table, $0.index) }
        let putting = plan.patterns.filter {
            OperationText.writeMeant(by: $0.pattern.summary).map { $0 == "PutItem" } ?? true
        }
        let shares = putting.flatMap(\.charges).filter { $0.operation == "PutItem" && $0.index != nil }
        puts = Dictionary(grouping: shares) { ResourceName($0.table, $0.index) }
        var conditioned: [ResourceName: Set<String>] = [:]
        func add(_ served: [DataModel.ServedPattern], _ name: ResourceName) {
            conditioned[name, default: []].formUnion(served.filter { !$0.conditionAttributes.isEmpty }.map(\.id))
        }
        for section in document.sources.model?.tables ?? [] {
            add(section.served, ResourceName(section.table, nil))
            for index in section.indexes { add(index.served, ResourceName(section.table, index.index)) }
        }
        self.conditioned = conditioned
        patternDemands = Dictionary(plan.patterns.map { ($0.pattern.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The table's place in the contract.
    func number(of table: String) -> Int? { numbers[table] }

    func table(named name: String) -> ContractTable? { numbers[name].map { contract.tables[$0] } }

    /// The kinds of items of a table.
    func views(of table: String) -> [EntityView] { numbers[table].map { views[$0] } ?? [] }

    func pattern(_ id: String) -> AccessPattern? { patterns[id] }

    /// The first row of the mapping that names the pattern.
    func mappingRow(of id: String) -> DataModel.MappingRow? { mappingRows[id] }

    /// How many patterns the mapping names.
    var mappedPatterns: Int { mappingRows.count }

    /// How many patterns the model leaves to something else.
    let unsolvedPatterns: Int

    /// The row that lists the pattern: of the pattern table, else of the contract.
    func row(of id: String) -> PatternRow? { rows[id] }

    func demand(table: String, index: String? = nil) -> ResourceDemand? { demands[ResourceName(table, index)] }

    /// What the patterns' calls charge to a table or an index.
    func charges(table: String, index: String?) -> [Charge] { charges[ResourceName(table, index)] ?? [] }

    /// What calls that put new items charge to an index.
    func puts(table: String, index: String) -> [Charge] { puts[ResourceName(table, index)] ?? [] }

    func isJudgedByCondition(_ id: String, _ name: ResourceName) -> Bool { conditioned[name]?.contains(id) == true }

    func demand(ofPattern id: String) -> PatternDemand? { patternDemands[id] }
}

/// How many elements were handed out.
final class VisitCount {
    fileprivate(set) var count = 0
}

/// Elements in order, for rules that look at each of them. It counts what it hands out, so that a test sees when a rule looks
/// at all of them for each of something else.
struct Roster<Element>: Sequence {
    private let elements: [Element]
    private let visits: VisitCount

    init(_ elements: [Element], _ visits: VisitCount) {
        self.elements = elements
        self.visits = visits
    }

    /// The element at its place, without a look at the others.
    subscript(place: Int) -> Element { elements[place] }

    func makeIterator() -> Iterator { Iterator(elements: elements.makeIterator(), visits: visits) }

    struct Iterator: IteratorProtocol {
        fileprivate var elements: IndexingIterator<[Element]>
        fileprivate let visits: VisitCount

        mutating func next() -> Element? {
            visits.count += 1
            return elements.next()
        }
    }
}
