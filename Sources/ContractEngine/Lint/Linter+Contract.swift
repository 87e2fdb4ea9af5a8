internal import ContractModel

extension Linter {
    /// Templates of keys against the formats of the attributes that hold them.
    func templates() -> [Finding] {
        eachEntity { table, entity, marks in
            let keys = [
                (table.partitionKey, entity.partitionKeyTemplate, marks?.partitionKeyTemplate, "pk_template"),
                table.sortKey.map { ($0, entity.sortKeyTemplate, marks?.sortKeyTemplate, "sk_template") },
            ]
            return keys.compactMap(\.self).compactMap { key, template, position, name in
                guard let template, let format = entity.attribute(named: key.name)?.format,
                    template.pieces != format.pieces
                else { return nil }
                let place = marks?.attributes[key.name]?.format.map { " (line \($0.line))" } ?? ""
                return finding(
                    .templateFormatDiffers, in: nil, at: position,
                    "\(entity.name)'s \(name) says \"\(template.source)\", while the format of \(key.name)\(place) says "
                        + "\"\(format.source)\".",
                    advice:
                        "Let both name the same things: keys written by one are not found by the other if they differ.")
            }
        }
    }

    /// One item size for several kinds of items.
    func sizes() -> [Finding] {
        contract.tables.enumerated().compactMap { index, table in
            guard let size = table.estimatedItemSizeInBytes, table.entities.count > 1,
                table.entities.allSatisfy({ $0.estimatedItemSizeInBytes == nil })
            else { return nil }
            return finding(
                .oneSizeForAllEntities, in: nil, at: marks(of: index)?.itemSize,
                "\(table.name) gives \(Figures.whole(Double(size))) bytes for every kind of its items: "
                    + "\(Figures.list(table.entities.map(\.name))) alike.",
                advice: "Give each entity its own `estimated_item_size_bytes`: units and dollars follow it.")
        }
    }

    /// Key attributes that items lack, and types that keys may not have.
    func keys() -> [Finding] {
        let missing = eachEntity { table, entity, marks in
            [table.partitionKey, table.sortKey].compactMap(\.self).compactMap { key in
                guard entity.attribute(named: key.name) == nil else { return nil }
                return finding(
                    .keyAttributeMissing, in: nil, at: marks?.start,
                    "\(entity.name) has no attribute \(key.name), which is a key of \(table.name).",
                    advice: "Add \(key.name) to its attributes: DynamoDB refuses an item without it.")
            }
        }
        let indexes = contract.tables.enumerated().flatMap { number, table in
            table.indexes.enumerated().compactMap { place, index -> Finding? in
                guard !table.entities.contains(where: { $0.appears(in: index) }) else { return nil }
                let positions = marks(of: number)?.indexes ?? []
                return finding(
                    .keyAttributeMissing, in: nil, at: positions.indices.contains(place) ? positions[place].start : nil,
                    "No item of \(table.name) has the key of \(index.name) "
                        + "(\(Figures.list([index.partitionKey.name, index.sortKey?.name].compactMap(\.self)))): it stays empty.",
                    advice: "Add the attributes to the items that the index is for, or drop the index.")
            }
        }
        return missing + indexes + keyTypes()
    }

    private func keyTypes() -> [Finding] {
        contract.tables.enumerated().flatMap { number, table -> [Finding] in
            let own = [table.partitionKey, table.sortKey]
            let all = own + table.indexes.flatMap { [$0.partitionKey, $0.sortKey] }
            var seen: Set<String> = []
            return all.compactMap(\.self).compactMap { key in
                guard !key.type.isAllowedInKey, seen.insert(key.name).inserted else { return nil }
                let places = marks(of: number)?.entities.compactMap { $0.attributes[key.name]?.start } ?? []
                return finding(
                    .keyType, in: nil, at: places.first ?? marks(of: number)?.start,
                    "\(key.name) is a key in \(table.name) and has the type \(key.type.rawValue); a key is S, N or B.",
                    advice: "Give it one of these types.")
            }
        }
    }

    /// Departures from the schema of this kind of contract.
    func schema() -> [Finding] {
        (document.sources.reading?.schemaNotes ?? []).map {
            finding(.schemaViolation, in: nil, at: $0.position, $0.message, advice: $0.advice)
        }
    }

    private func eachEntity(_ body: (ContractTable, ContractEntity, EntityMarks?) -> [Finding]) -> [Finding] {
        contract.tables.enumerated().flatMap { number, table in
            table.entities.enumerated().flatMap { place, entity in
                let known = marks(of: number)?.entities ?? []
                return body(table, entity, known.indices.contains(place) ? known[place] : nil)
            }
        }
    }
}
