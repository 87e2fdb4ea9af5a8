internal import ContractModel

/// A kind of item with its table, where it stands, and its attributes by name.
struct EntityView {
    let table: ContractTable
    let entity: ContractEntity
    let marks: EntityMarks?
    private let attributes: [String: ContractAttribute]
    private let facts: EntityFacts

    init(table: ContractTable, entity: ContractEntity, marks: EntityMarks? = nil) {
        self.table = table
        self.entity = entity
        self.marks = marks
        attributes = Dictionary(entity.attributes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        facts = EntityFacts(entity)
    }

    /// The kinds of items of each table, in the contract's order.
    static func all(of document: ContractDocument) -> [[EntityView]] {
        let marks = document.sources.reading?.marks.tables ?? []
        return document.contract.tables.enumerated().map { number, table in
            let known = marks.indices.contains(number) ? marks[number].entities : []
            return table.entities.enumerated().map { place, entity in
                EntityView(table: table, entity: entity, marks: known.indices.contains(place) ? known[place] : nil)
            }
        }
    }

    /// Whether items of this kind are in the index.
    func appears(in index: ContractIndex) -> Bool { entity.appears(in: index, of: table) }

    func attribute(_ name: String) -> ContractAttribute? { attributes[name] }

    func marks(of attribute: String) -> AttributeMarks? { marks?.attributes[attribute] }

    /// Where the value of a template's hole comes from; as `ContractEntity.source(ofPlaceholder:inTemplateOf:)`.
    func source(ofPlaceholder name: String, inTemplateOf key: String) -> PlaceholderSource? {
        facts.sources.source(ofPlaceholder: name, inTemplateOf: key)
    }

    /// The attributes that have one of these names, in the contract's order.
    func attributes(known: Set<Set<String>>) -> [ContractAttribute] {
        let places = Set(known.flatMap { facts.words[$0] ?? [] })
        return places.sorted().map { entity.attributes[$0] }
    }

    /// What a caller must know to name the table's partition key; nil where the contract does not say how it is made.
    var partition: KeyNeeds? { facts.needs(of: table.partitionKey, index: nil, self) }

    /// The same of its sort key.
    var sort: KeyNeeds? { table.sortKey.flatMap { facts.needs(of: $0, index: nil, self) } }

    /// The same of an index's partition key.
    func partition(of index: ContractIndex) -> KeyNeeds? { facts.needs(of: index.partitionKey, index: index, self) }

    /// The same of an index's sort key.
    func sort(of index: ContractIndex) -> KeyNeeds? {
        index.sortKey.flatMap { facts.needs(of: $0, index: index, self) }
    }

    /// "Users ORDER", or the table alone where it holds one kind of item.
    var name: String { table.isMultiEntity ? "\(table.name) \(entity.name)" : table.name }

    /// "ORDER", or the table's name where it holds one kind of item.
    var shortName: String { table.isMultiEntity ? entity.name : table.name }

    func subject(_ attribute: String) -> String { "\(name).\(attribute)" }
}

/// What is asked of a kind of item once for each pattern or template: made when it is first asked for.
private final class EntityFacts {
    private let entity: ContractEntity
    lazy var sources = PlaceholderSources(entity)
    /// The places of attributes by the words of their names.
    lazy var words: [Set<String>: [Int]] = {
        var words: [Set<String>: [Int]] = [:]
        for (place, attribute) in entity.attributes.enumerated() {
            for name in KeyWords.of(attribute, in: entity) { words[name, default: []].append(place) }
        }
        return words
    }()

    private var needs: [ResourceName: KeyNeeds?] = [:]

    init(_ entity: ContractEntity) { self.entity = entity }

    func needs(of key: KeyAttribute, index: ContractIndex?, _ view: EntityView) -> KeyNeeds? {
        let place = ResourceName(key.name, index?.name)
        if let known = needs[place] { return known }
        let template =
            index.map { entity.template(of: key, of: $0, in: view.table) } ?? entity.template(of: key, in: view.table)
        let made = KeyNeeds(key, template: template, in: view)
        needs[place] = .some(made)
        return made
    }
}
