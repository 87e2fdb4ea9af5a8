internal import ContractModel

/// The stems of a contract's names, each with the first that has it, made when the first name is looked for that no table has.
final class NameStems {
    struct Holder {
        var table: String
        var isMultiEntity: Bool
        var entity: String
        var attribute: String
    }

    private let contract: MigrationContract
    /// What names were found to stand for; nil for those of which nothing is known.
    var resolved: [String: ResolvedName?] = [:]
    private var keys: [String: (indexes: [String: String], own: Set<String>)] = [:]

    init(_ contract: MigrationContract) { self.contract = contract }

    /// Kinds of items of tables that hold several, by their own names' stems and their sources'.
    lazy var entities: [String: (table: String, entity: String)] = {
        var found: [String: (table: String, entity: String)] = [:]
        for table in contract.tables where table.isMultiEntity {
            for entity in table.entities {
                for name in [entity.name, entity.sourceTable].compactMap(\.self) {
                    let stem = NameStem.of(name)
                    if found[stem] == nil { found[stem] = (table.name, entity.name) }
                }
            }
        }
        return found
    }()

    /// Tables by their own names' stems and their sources'.
    lazy var tables: [String: String] = {
        var found: [String: String] = [:]
        for table in contract.tables {
            for name in [table.sourceTable, table.name].compactMap(\.self) {
                let stem = NameStem.of(name)
                if found[stem] == nil { found[stem] = table.name }
            }
        }
        return found
    }()

    /// Relational tables whose rows lie whole inside items, by their stems.
    lazy var embedded: [String: Holder] = {
        var found: [String: Holder] = [:]
        for table in contract.tables {
            for entity in table.entities {
                for attribute in entity.attributes where attribute.joinedColumn == nil {
                    guard let stem = attribute.joinedTable.map(NameStem.of), found[stem] == nil else { continue }
                    found[stem] = Holder(
                        table: table.name, isMultiEntity: table.isMultiEntity, entity: entity.name,
                        attribute: attribute.name)
                }
            }
        }
        return found
    }()

    /// Tables and indexes by the stems of what their partition keys come from.
    lazy var keyColumns: [String: (table: String, index: String?)] = {
        var found: [String: (table: String, index: String?)] = [:]
        for table in contract.tables {
            let keys = keys(of: table)
            for (stem, index) in keys.indexes where found[stem] == nil { found[stem] = (table.name, index) }
            for stem in keys.own where found[stem] == nil { found[stem] = (table.name, nil) }
        }
        return found
    }()

    /// Indexes by their names in lower case, one of each table.
    lazy var indexHolders: [String: [ResolvedName]] = {
        var found: [String: [ResolvedName]] = [:]
        for table in contract.tables {
            for index in table.indexes {
                let name = index.name.lowercased()
                guard found[name]?.last?.table != table.name else { continue }
                found[name, default: []].append(ResolvedName(table: table.name, index: index.name))
            }
        }
        return found
    }()

    /// The first index of the table for each stem of what a partition key comes from, and the stems of the table's own.
    func keys(of table: ContractTable) -> (indexes: [String: String], own: Set<String>) {
        if let known = keys[table.name] { return known }
        var indexes: [String: String] = [:]
        for index in table.indexes {
            for stem in columns(of: index.partitionKey.name, in: table) where indexes[stem] == nil {
                indexes[stem] = index.name
            }
        }
        let made = (indexes: indexes, own: columns(of: table.partitionKey.name, in: table))
        keys[table.name] = made
        return made
    }

    /// The stems of the columns that an attribute is made from, and of its own name.
    private func columns(of attribute: String, in table: ContractTable) -> Set<String> {
        var stems: Set<String> = [NameStem.ofColumn(attribute)]
        for found in table.entities.compactMap({ $0.attribute(named: attribute) }) {
            let source = found.joinedColumn.map { [$0] } ?? found.sourceColumns
            stems.formUnion((source + found.sourceColumns).map(NameStem.ofColumn))
        }
        return stems
    }
}
