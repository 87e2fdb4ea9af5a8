internal import ContractModel
internal import Tidemark

/// What of a table can change at any time. What is asked for is added, never taken away.
extension TableComparison {
    /// Those that say how a new index is made, and the one that should hold first.
    func settingsBeforeIndexes() -> [TableDifference] { billing() + [deletionProtection()].compactMap(\.self) }

    func settingsAfterIndexes() -> [TableDifference] {
        [warmThroughput(), recovery()].compactMap(\.self) + timeToLive() + [tags()].compactMap(\.self)
    }

    private func billing() -> [TableDifference] {
        guard let asked = desired.settings.billing else { return capacity() }
        switch (asked, live.billing) {
        case (.onDemand, .onDemand): return []
        case (.provisioned(let given), .provisioned(let there)):
            // Without numbers of its own, capacity is auto-scaling's or a person's to set.
            guard let given, given != there else { return capacity() }
            return [bill(indexes: [:])]
        case (.onDemand, .provisioned): return [bill(indexes: [:])]
        case (.provisioned, .onDemand):
            // Every index that is there has to be given its own in the same request.
            return [bill(indexes: desired.indexThroughput.filter { live.table.index(named: $0.key) != nil })]
        }
    }

    private func bill(indexes: [String: Throughput]) -> TableDifference {
        TableDifference(
            kind: .billing, live: Words.billing(live.billing), wanted: Words.billing(desired.billing),
            remedy: .step(.bill(desired.billing, indexes: indexes)))
    }

    /// Provisioned capacity below what the peak asks for.
    private func capacity() -> [TableDifference] {
        guard case .provisioned(let there) = live.billing, case .provisioned(let wanted) = desired.billing else {
            return []
        }
        var pairs: [(index: String?, live: Throughput, wanted: Throughput)] = [(nil, there, wanted)]
        for index in desired.table.indexes {
            guard let there = live.indexThroughput[index.name], let wanted = desired.indexThroughput[index.name] else {
                continue
            }
            pairs.append((index.name, there, wanted))
        }
        return pairs.filter { $0.live.reads < $0.wanted.reads || $0.live.writes < $0.wanted.writes }.map {
            TableDifference(
                kind: .capacity, index: $0.index, live: Words.units($0.live), wanted: Words.units($0.wanted),
                remedy: .left(
                    advice: "It is left to auto-scaling: see that its maximum is at least that, or give read-units and "
                        + "write-units in the settings."))
        }
    }

    private func deletionProtection() -> TableDifference? {
        guard desired.settings.isProtectedFromDeletion ?? true, !live.isProtectedFromDeletion else { return nil }
        return TableDifference(kind: .deletionProtection, live: "off", wanted: "on", remedy: .step(.protect))
    }

    /// What the server tells and is below what the peak asks for, of the table and of indexes that are there.
    private func warmThroughput() -> TableDifference? {
        func raised(_ there: Throughput?, _ wanted: Throughput?) -> Throughput? {
            guard let there, let wanted, there.reads < wanted.reads || there.writes < wanted.writes else { return nil }
            return Throughput(reads: max(there.reads, wanted.reads), writes: max(there.writes, wanted.writes))
        }
        let own = raised(live.warmThroughput, desired.warmThroughput)
        var indexes: [String: Throughput] = [:]
        for (name, wanted) in desired.indexWarmThroughput {
            indexes[name] = raised(live.indexWarmThroughput[name], wanted)
        }
        guard own != nil || !indexes.isEmpty else { return nil }
        let name = own == nil ? indexes.keys.min() : nil
        let there = name.flatMap { live.indexWarmThroughput[$0] } ?? live.warmThroughput
        let wanted = name.flatMap { indexes[$0] } ?? own
        return TableDifference(
            kind: .warmThroughput, index: name, live: there.map(Words.rate) ?? "", wanted: wanted.map(Words.rate) ?? "",
            remedy: .step(.warm(own, indexes: indexes)))
    }

    private func recovery() -> TableDifference? {
        guard desired.settings.isRecoverable ?? true, live.isRecoverable.value == false else { return nil }
        return TableDifference(kind: .pointInTimeRecovery, live: "off", wanted: "on", remedy: .step(.recover))
    }

    /// An attribute by which no item would expire; nothing is switched on for it.
    static func expiry(of desired: DesiredTable) -> [TableDifference] {
        guard let problem = desired.timeToLiveProblem else { return [] }
        return [
            TableDifference(
                kind: .timeToLiveType, live: problem, wanted: desired.settings.timeToLive ?? "",
                remedy: .left(advice: "Make it an N in the contract and in the items, or name another attribute."))
        ]
    }

    private func timeToLive() -> [TableDifference] {
        guard desired.timeToLiveProblem == nil else { return TableComparison.expiry(of: desired) }
        guard let there = live.timeToLive.value else { return [] }
        guard let wanted = desired.settings.timeToLive else { return there.isEmpty ? [] : [uncalledExpiry(by: there)] }
        guard there != wanted else { return [] }
        let advice =
            "Switch it off first and wait an hour: DynamoDB lets items expire by one attribute, and changes it once an hour."
        return [
            TableDifference(
                kind: .timeToLive, live: there, wanted: wanted,
                remedy: there.isEmpty ? .step(.expire(attribute: wanted)) : .left(advice: advice))
        ]
    }

    /// Items that DynamoDB deletes though nobody has asked for it.
    private func uncalledExpiry(by attribute: String) -> TableDifference {
        TableDifference(
            kind: .timeToLive, live: attribute, wanted: "",
            remedy: .left(
                advice:
                    "DynamoDB deletes items whose \(attribute) is past. Switch it off by hand, or say `ttl_attribute` in the "
                    + "contract or `time-to-live` in the settings if that is meant."))
    }

    private func tags() -> TableDifference? {
        guard let there = live.tags.value else { return nil }
        let missing = desired.settings.tags.filter { there[$0.key] != $0.value }
        guard !missing.isEmpty else { return nil }
        return TableDifference(
            kind: .tags, live: Words.tags(there.filter { missing[$0.key] != nil }), wanted: Words.tags(missing),
            remedy: .step(.tag(missing)))
    }
}
