-- What of a feature is drawn in a tile. What is too small to be seen beside its mark, or collapses altogether, is a
-- point: nothing vanishes. What has no drawing yet is drawn from its stored shape. The box in a select of its own is made once.
CASE
  WHEN d.feature_id IS NOT NULL AND d.span >= {least_span} THEN coalesce(
    CASE WHEN d.{band} @ (SELECT ST_MakeEnvelope({inner_west}, {inner_south}, {inner_east}, {inner_north})) AND {on_grid}
      THEN ST_Affine(d.{band}, {zoomed}, 0, 0, -{zoomed}, {to_east}, {to_south})
      ELSE ST_AsMVTGeom(d.{band}, ST_MakeBox2D(ST_Point({west}, {south}), ST_Point({east}, {north})), {extent}, {buffer}, true)
    END,
    -- Simplified it may have left the very edge of the tile, which it meets as it is stored.
    CASE WHEN d.{band} && ST_MakeEnvelope({outer_west}, {outer_south}, {outer_east}, {outer_north}) AND ST_AsMVTGeom(
        d.{band}, ST_MakeBox2D(ST_Point({west}, {south}), ST_Point({east}, {north})), {extent}, {buffer_beyond}, true
      ) IS NOT NULL
      THEN {stored}
    END,
    {mark},
    -- Thin, or small parts far apart: nothing was left of it, and its mark is in another tile.
    CASE WHEN d.{band} IS NULL THEN {stored} END
  )
  WHEN d.feature_id IS NOT NULL THEN {mark}
  ELSE coalesce(CASE WHEN {is_large} THEN {stored} END, {mark})
END
