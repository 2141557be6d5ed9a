CASE WHEN ST_X(at.spot) * {scale} - {left} BETWEEN {least} AND {most} AND {top} - ST_Y(at.spot) * {scale} BETWEEN {least} AND {most}
  THEN ST_Point(round(ST_X(at.spot) * {scale} - {left}), round({top} - ST_Y(at.spot) * {scale}))
END
