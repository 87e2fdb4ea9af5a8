internal import ContractModel
internal import Tidemark

/// Holds a live table against what is wanted. Pure: what was asked of AWS is in the values.
struct TableComparison {
    let desired: DesiredTable
    let live: LiveTable

    /// All differences, those that cannot be mended first, then in the order in which they are mended.
    func differences() -> [TableDifference] {
        let found = status() + keys() + settingsBeforeIndexes() + indexes() + settingsAfterIndexes()
        return found.filter(\.isRefused) + found.filter { !$0.isRefused }
    }

    /// What could not be asked.
    func unknowns() -> [TablePlan.Unknown] {
        func sentence<Value>(_ told: Told<Value>, _ what: String) -> TablePlan.Unknown? {
            switch told {
            case .told: nil
            case .notAllowed(let action):
                TablePlan.Unknown(text: "\(what) is not known: the credentials may not \(action)", action: action)
            case .unavailable(let reason): TablePlan.Unknown(text: "\(what) is not known: \(reason)")
            }
        }
        var found: [TablePlan.Unknown?] = []
        if desired.settings.isRecoverable ?? true {
            found.append(sentence(live.isRecoverable, "point-in-time recovery"))
        }
        if desired.settings.timeToLive != nil { found.append(sentence(live.timeToLive, "time to live")) }
        if !desired.settings.tags.isEmpty { found.append(sentence(live.tags, "whether the tags are there")) }
        if desired.warmThroughput != nil && live.warmThroughput == nil {
            found.append(TablePlan.Unknown(text: "the warm throughput is not known: the server does not tell it"))
        }
        return found.compactMap(\.self)
    }

    // MARK: What cannot change

    private func status() -> [TableDifference] {
        if ["DELETING", "ARCHIVING", "ARCHIVED", "INACCESSIBLE_ENCRYPTION_CREDENTIALS"].contains(live.status) {
            return [
                TableDifference(
                    kind: .status, live: live.status, wanted: "ACTIVE",
                    remedy: .refused(advice: "Wait until it is gone, or restore it; then apply again."))
            ]
        }
        guard !live.isActive else { return [] }
        let index = live.indexStatus.sorted { $0.key < $1.key }.first { $0.value != "ACTIVE" }
        let state = live.status == "ACTIVE" ? index.map { "\($0.key) \($0.value)" } ?? live.status : live.status
        return [
            TableDifference(kind: .status, live: state, wanted: "ACTIVE", remedy: .step(.wait(status: state)))
        ]
    }

    private func keys() -> [TableDifference] {
        let table = desired.table
        let there = Words.keys(live.table.partitionKey, live.table.sortKey)
        let wanted = Words.keys(table.partitionKey, table.sortKey)
        guard there != wanted else { return [] }
        return [
            TableDifference(
                kind: .tableKeys, live: there, wanted: wanted,
                remedy: .refused(
                    advice:
                        "A table's keys cannot be changed. Correct the contract, or give the new form another name, make it, "
                        + "copy the items into it, and delete the old table by hand when nothing reads it."))
        ]
    }

    // MARK: Indexes

    private func indexes() -> [TableDifference] {
        var found: [TableDifference] = []
        var types = liveKeyTypes()
        for index in desired.table.indexes {
            guard let there = live.table.index(named: index.name) else {
                found.append(missing(index, types: types))
                for key in [index.partitionKey, index.sortKey].compactMap(\.self) { types[key.name] = key.type }
                continue
            }
            let keys = (
                live: Words.keys(there.partitionKey, there.sortKey),
                wanted: Words.keys(index.partitionKey, index.sortKey)
            )
            if keys.live != keys.wanted {
                found.append(unlike(.indexKeys, index, keys.live, keys.wanted))
            }
            if Words.projection(there.projection) != Words.projection(index.projection) {
                found.append(
                    unlike(.projection, index, Words.projection(there.projection), Words.projection(index.projection)))
            }
        }
        for index in live.table.indexes where desired.table.index(named: index.name) == nil {
            found.append(
                TableDifference(
                    kind: .extraIndex, index: index.name, live: Words.index(index), wanted: "",
                    remedy: .left(
                        advice:
                            "It is kept. It costs with every write: delete it by hand if nothing reads it, or add it to the "
                            + "contract.")))
        }
        return found
    }

    private func missing(_ index: ContractIndex, types: [String: AttributeType]) -> TableDifference {
        for key in [index.partitionKey, index.sortKey].compactMap(\.self) {
            guard let known = types[key.name], known != key.type else { continue }
            return TableDifference(
                kind: .keyType, index: index.name, live: "\(key.name) is a key of the type \(known.rawValue)",
                wanted: "\(key.type.rawValue) for the index \(index.name)",
                remedy: .refused(
                    advice:
                        "An attribute has one type in all keys of a table. Correct the contract, or use another attribute."
                ))
        }
        var throughput: Throughput?
        if case .provisioned(let own) = billingAfterwards { throughput = desired.indexThroughput[index.name] ?? own }
        return TableDifference(
            kind: .missingIndex, index: index.name, live: "", wanted: Words.index(index),
            remedy: .step(.createIndex(index, throughput, warm: desired.indexWarmThroughput[index.name])))
    }

    private var billingAfterwards: TableBilling { desired.settings.billing == nil ? live.billing : desired.billing }

    private func unlike(
        _ kind: TableDifference.Kind, _ index: ContractIndex, _ there: String, _ wanted: String
    ) -> TableDifference {
        TableDifference(
            kind: kind, index: index.name, live: there, wanted: wanted,
            remedy: .refused(
                advice:
                    "An index cannot be changed. Give the new form another name in the contract, apply, move its readers, "
                    + "and delete the old index by hand."))
    }

    private func liveKeyTypes() -> [String: AttributeType] {
        var types: [String: AttributeType] = [:]
        let indexes = live.table.indexes.flatMap { [$0.partitionKey, $0.sortKey] }
        for key in ([live.table.partitionKey, live.table.sortKey] + indexes).compactMap(\.self) {
            types[key.name] = key.type
        }
        return types
    }
}

extension TableDifference {
    var isRefused: Bool { if case .refused = remedy { true } else { false } }
    var isLeft: Bool { if case .left = remedy { true } else { false } }
}
